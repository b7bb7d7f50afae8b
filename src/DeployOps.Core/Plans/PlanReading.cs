namespace DeployOps.Plans;

/// <summary>What reading a plan came to: the plan, or everything that is wrong with it.</summary>
public sealed class PlanReading
{
    internal PlanReading(string path, ReadOnlyMemory<byte> content, DeploymentPlan? plan, IReadOnlyList<PlanError> errors)
    {
        Path = path;
        Content = content;
        Plan = errors.Count == 0 ? plan : null;
        Errors = errors;
    }

    /// <summary>The full path of the plan.</summary>
    public string Path { get; }

    /// <summary>The plan, or null where there are errors.</summary>
    public DeploymentPlan? Plan { get; }

    /// <summary>Every mistake, in the order of the text; none where <see cref="Plan"/> is set.</summary>
    public IReadOnlyList<PlanError> Errors { get; }

    /// <summary>What is no mistake but has to be known: secrets that are too short to be kept out of logs and reports.</summary>
    public IReadOnlyList<PlanError> Warnings { get; internal init; } = [];

    /// <summary>Every reference of it, in the order of the text.</summary>
    internal IReadOnlyList<PlanUse> Uses { get; init; } = [];

    /// <summary>The bytes that were read, which the approval covers.</summary>
    internal ReadOnlyMemory<byte> Content { get; }

    /// <summary>The plan, for callers that cannot go on without one.</summary>
    /// <exception cref="DeployOpsException"><c>PlanInvalid</c>, with every mistake on a line of its own.</exception>
    public DeploymentPlan Require()
    {
        if (Plan is not null)
        {
            return Plan;
        }

        var count = Errors.Count == 1 ? "1 mistake" : $"{Errors.Count} mistakes";
        throw Invalid($"The plan '{Path}' has {count}", Errors, Path);
    }

    /// <summary>The error that lists mistakes, a line each, with what to do about them on the last.</summary>
    /// <param name="what">What has them.</param>
    /// <param name="mistakes">All of them.</param>
    /// <param name="target">What the error is about.</param>
    public static DeployOpsException Invalid(string what, IReadOnlyList<PlanError> mistakes, object target)
    {
        var lines = mistakes.Select(mistake => mistake.ToString()).Prepend($"{what}:").Append($"Correct {(mistakes.Count == 1 ? "it" : "them")}, then see with Test-DeploymentPlan that nothing is left.");
        return new DeployOpsException("PlanInvalid", FaultKind.InvalidData, string.Join(Environment.NewLine, lines)) { Target = target };
    }
}
