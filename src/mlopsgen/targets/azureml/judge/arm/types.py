"""Resource types that a training pipeline may need, and the providers that there are."""

from __future__ import annotations

from collections.abc import Mapping

from mlopsgen.targets.azureml.judge.shapes import words

PROVIDERS = words(
    """
    Microsoft.AAD Microsoft.AlertsManagement Microsoft.ApiManagement Microsoft.App Microsoft.AppConfiguration
    Microsoft.Attestation Microsoft.Authorization Microsoft.Automation Microsoft.AzureArcData Microsoft.AzureData
    Microsoft.Batch Microsoft.Billing Microsoft.Bing Microsoft.Blueprint Microsoft.BotService Microsoft.Cache
    Microsoft.Cdn Microsoft.CertificateRegistration Microsoft.ClassicCompute Microsoft.CognitiveServices
    Microsoft.Communication Microsoft.Compute Microsoft.Consumption Microsoft.ContainerInstance
    Microsoft.ContainerRegistry Microsoft.ContainerService Microsoft.CostManagement Microsoft.CustomProviders
    Microsoft.DBforMySQL Microsoft.DBforPostgreSQL Microsoft.DataFactory Microsoft.DataLakeStore
    Microsoft.DataMigration Microsoft.DataProtection Microsoft.DataShare Microsoft.Databricks
    Microsoft.DesktopVirtualization Microsoft.DevCenter Microsoft.DevTestLab Microsoft.Devices
    Microsoft.DigitalTwins Microsoft.DocumentDB Microsoft.EventGrid Microsoft.EventHub Microsoft.ExtendedLocation
    Microsoft.Features Microsoft.GuestConfiguration Microsoft.HDInsight Microsoft.HealthcareApis
    Microsoft.HybridCompute Microsoft.HybridContainerService Microsoft.Insights Microsoft.KeyVault
    Microsoft.Kubernetes Microsoft.KubernetesConfiguration Microsoft.Kusto Microsoft.Logic Microsoft.MachineLearning
    Microsoft.MachineLearningServices Microsoft.Maintenance Microsoft.ManagedIdentity Microsoft.ManagedServices
    Microsoft.Management Microsoft.Maps Microsoft.Media Microsoft.Migrate Microsoft.Monitor Microsoft.NetApp
    Microsoft.Network Microsoft.NotificationHubs Microsoft.OperationalInsights Microsoft.OperationsManagement
    Microsoft.PolicyInsights Microsoft.Portal Microsoft.PowerBIDedicated Microsoft.Purview
    Microsoft.RecoveryServices Microsoft.RedHatOpenShift Microsoft.Relay Microsoft.ResourceGraph
    Microsoft.ResourceHealth Microsoft.Resources Microsoft.SaaS Microsoft.Scheduler Microsoft.Search
    Microsoft.Security Microsoft.SecurityInsights Microsoft.ServiceBus Microsoft.ServiceFabric
    Microsoft.SignalRService Microsoft.Solutions Microsoft.Sql Microsoft.SqlVirtualMachine Microsoft.Storage
    Microsoft.StorageCache Microsoft.StorageSync Microsoft.StreamAnalytics Microsoft.Subscription Microsoft.Synapse
    Microsoft.VirtualMachineImages Microsoft.VisualStudio Microsoft.Web
    """
)

_WORKSPACE = words(
    """
    batchEndpoints batchEndpoints/deployments codes codes/versions components components/versions computes
    connections data data/versions datastores environments environments/versions featuresets featuresets/versions
    featurestoreEntities featurestoreEntities/versions inferencePools jobs marketplaceSubscriptions models
    models/versions onlineEndpoints onlineEndpoints/deployments outboundRules privateEndpointConnections schedules
    serverlessEndpoints datasets linkedServices linkedWorkspaces services
    """
)
TYPES: Mapping[str, frozenset[str]] = {
    "Microsoft.MachineLearningServices": frozenset(
        ["workspaces", "registries", *(f"workspaces/{name}" for name in sorted(_WORKSPACE))]
        + [f"registries/{name}" for name in ("codes", "codes/versions", "components", "components/versions")]
        + [f"registries/{name}" for name in ("data", "data/versions", "environments", "environments/versions")]
        + [f"registries/{name}" for name in ("models", "models/versions")]
    ),
    "Microsoft.ManagedIdentity": frozenset(
        ("userAssignedIdentities", "userAssignedIdentities/federatedIdentityCredentials")
    ),
    "Microsoft.Authorization": words(
        """
    roleAssignments roleDefinitions locks policyAssignments policyDefinitions policySetDefinitions policyExemptions
    accessReviewScheduleDefinitions
    """
    ),
    "Microsoft.EventGrid": words(
        """
    topics topics/eventSubscriptions systemTopics systemTopics/eventSubscriptions eventSubscriptions domains
    domains/topics domains/eventSubscriptions namespaces namespaces/topics partnerTopics
    """
    ),
}
PLACED = frozenset(
    name.lower()
    for name in (
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.MachineLearningServices/workspaces",
        "Microsoft.MachineLearningServices/workspaces/computes",
        "Microsoft.EventGrid/systemTopics",
        "Microsoft.EventGrid/topics",
        "Microsoft.Storage/storageAccounts",
        "Microsoft.KeyVault/vaults",
        "Microsoft.ContainerRegistry/registries",
        "Microsoft.Insights/components",
        "Microsoft.OperationalInsights/workspaces",
        "Microsoft.Logic/workflows",
    )
)
"""Types that need `location`."""
LENGTHS: Mapping[str, tuple[int, int]] = {
    "microsoft.managedidentity/userassignedidentities": (3, 128),
    "microsoft.machinelearningservices/workspaces": (3, 33),
    "microsoft.storage/storageaccounts": (3, 24),
    "microsoft.keyvault/vaults": (3, 24),
    "microsoft.containerregistry/registries": (5, 50),
    "microsoft.eventgrid/systemtopics": (3, 128),
}
"""Fewest and most characters of a name."""
EVENTS: Mapping[str, frozenset[str]] = {
    "Microsoft.Storage": words(
        """
    BlobCreated BlobDeleted BlobTierChanged BlobRenamed DirectoryCreated DirectoryDeleted DirectoryRenamed
    AsyncOperationInitiated BlobInventoryPolicyCompleted LifecyclePolicyCompleted StorageTaskQueued
    StorageTaskAssignmentQueued StorageTaskCompleted StorageTaskAssignmentCompleted
    """
    ),
    "Microsoft.MachineLearningServices": frozenset(
        ("ModelRegistered", "ModelDeployed", "RunCompleted", "RunStatusChanged")
    ),
}
