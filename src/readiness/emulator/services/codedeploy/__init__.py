"""CodeDeploy, whose deployments end: moto leaves every one of them as Created for ever, so it is answered here.

Beside that moto loses the alarms of a deployment group, gives every group the default configuration of servers,
lists the oldest deployments first, and knows no configurations.
"""
