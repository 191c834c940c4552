"""CodePipeline, whose actions do what they are configured to; moto says of every execution that it succeeded.

moto starts none when a pipeline is made, knows no actions, approvals or states, keeps neither the type nor the mode
of a pipeline that names none, and refuses roles that more than one service may assume.
"""
