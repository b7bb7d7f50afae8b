using DeployOps.Phases;

namespace DeployOps.Checks;

/// <summary>A file of checks that was written, or would be.</summary>
/// <param name="Outcome">Succeeded, or Planned under -WhatIf.</param>
/// <param name="Path">The full path of the file.</param>
/// <param name="Format">What it is written as.</param>
/// <param name="Checks">How many there are.</param>
/// <param name="Failed">How many of them failed or could not be asked.</param>
public sealed record CheckFile(PhaseOutcome Outcome, string Path, CheckFormat Format, int Checks, int Failed)
{
    /// <inheritdoc/>
    public override string ToString() => Path;
}
