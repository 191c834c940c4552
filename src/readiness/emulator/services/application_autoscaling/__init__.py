"""Application Auto Scaling, which scales; all of it is answered here.

moto registers what is not there, never changes a capacity, and keeps no activities. It refuses the dimensions of
inference components and of serverless variants, gives no role where AWS has its own, watches SageMaker's metrics with
no alarm and others with a threshold of its own making, keeps policies of a target that is gone, and its second page
of targets is its first.
"""
