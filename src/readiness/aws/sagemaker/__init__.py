"""SageMaker AI, one module per part of it: training, hosting, monitoring and so on."""
