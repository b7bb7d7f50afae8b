namespace DeployOps.Migrations.Lint;

/// <summary>How much of each kind a run is known to have made at some point.</summary>
internal readonly record struct LintRunMark(int Made, int Indexed);
