"""CodeBuild, of which moto invents more than it keeps, so that all of it is answered here.

moto says of every build that its source is a CodeCommit repository in another region, that root started it and that
its number is random; a build runs until somebody looks, gets its phases again with every look, and succeeds whatever
its buildspec says. Of projects it loses the key, the visibility, the secondary sources, the webhook and more.
"""
