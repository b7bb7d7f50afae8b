namespace DeployOps.Migrations.Watching;

/// <summary>A gate's answer to one look.</summary>
/// <param name="State">Whether the migration may go on.</param>
/// <param name="Detail">The numbers that decided, in words; empty where it is open.</param>
public sealed record MigrationGateAnswer(MigrationGateState State, string Detail);
