"""Tags of everything in Bedrock that can have them."""

from __future__ import annotations

from readiness.emulator.door import Extension
from readiness.emulator.services.bedrock import SERVICE
from readiness.emulator.tagging import Tagging

TAGGED = {
    "ModelCustomizationJob": "jobArn",
    "CustomModel": "modelArn",
    "ModelImportJob": "jobArn",
    "ImportedModel": "modelArn",
    "EvaluationJob": "jobArn",
    "ModelInvocationJob": "jobArn",
    "ProvisionedModelThroughput": "provisionedModelArn",
    "CustomModelDeployment": "customModelDeploymentArn",
    "MarketplaceModelEndpoint": "endpointArn",
    "InferenceProfile": "inferenceProfileArn",
    "PromptRouter": "promptRouterArn",
    "Guardrail": "guardrailArn",
}

EXTENSION = Extension(SERVICE, Tagging(SERVICE, TAGGED).handlers())
