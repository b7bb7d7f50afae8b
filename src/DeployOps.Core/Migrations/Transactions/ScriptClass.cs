namespace DeployOps.Migrations.Transactions;

/// <summary>What one reading of a script tells.</summary>
/// <param name="Transaction">What it is to its database when it fails.</param>
/// <param name="Statements">How many statements it has.</param>
public readonly record struct ScriptClass(MigrationTransaction Transaction, int Statements);
