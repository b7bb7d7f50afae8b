namespace DeployOps.Migrations.Lint;

/// <summary>Refuses migrations by what was found.</summary>
public static class LintRefusals
{
    /// <summary>Refuses where an error is not allowed by its script.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationLintRefused</c>, with every such finding.</exception>
    public static void ThrowIfRefused(IReadOnlyList<LintFinding> findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var refusing = findings.Where(finding => finding.Refuses).ToList();
        if (refusing.Count > 0)
        {
            throw new DeployOpsException(
                "MigrationLintRefused",
                FaultKind.InvalidData,
                string.Join(" ", refusing.Select(finding => $"{finding.File}:{finding.Line}: {finding.Rule} {finding.Name}: {finding.WhyHere} {finding.Advice}")),
                $"Where it must be so, put '-- deployops: allow {refusing[0].Rule} reason=\"…\"' directly before the statement.")
            { Target = refusing[0] };
        }
    }
}
