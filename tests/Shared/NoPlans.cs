using DeployOps.Plans;
using DeployOps.Plans.Syntax;
using DeployOps.Rollouts;
using DeployOps.Secrets;

namespace DeployOps.Tests.Shared;

/// <summary>Stands where a plan's parts would be read: without a plan none is.</summary>
internal sealed class NoPlans : IPlanSyntax, ISecretSource, IInstanceDeployer
{
    public PlanNode? Parse(string text, string path, ICollection<PlanError> errors) => throw new NotSupportedException("There is no plan.");

    public string Resolve(SecretReference reference) => throw new NotSupportedException("There is no plan.");

    public Task<string> DeployAsync(DeployRequest request, CancellationToken cancellationToken) => throw new NotSupportedException("There is no plan.");

    public PlanError? FindMistake(string path, string text) => throw new NotSupportedException("There is no plan.");

    public IReadOnlyList<PlanError> FindUnknown(string path, string text) => throw new NotSupportedException("There is no plan.");
}
