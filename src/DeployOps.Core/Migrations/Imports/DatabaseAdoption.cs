using DeployOps.Windows;

namespace DeployOps.Migrations.Imports;

/// <summary>Takes in a database that has migrations of before: at a version, or by the history that another tool left. Nothing of the scripts runs.</summary>
public sealed class DatabaseAdoption
{
    private readonly Ports ports;
    private readonly DatabaseSpec database;

    /// <summary>Makes the adoption of one database.</summary>
    public DatabaseAdoption(Ports ports, DatabaseSpec database)
    {
        this.ports = ports;
        this.database = database;
    }

    /// <summary>What would be written where the database is taken in at a version, reading only.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryExists</c>, <c>MigrationBaselineInvalid</c>, <c>MigrationHistoryUnsupported</c> and those of reading the folder and the database.</exception>
    public async Task<HistoryImport> PlanBaselineAsync(string version, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(version);
        var parsed = MigrationVersion.TryParse(version) is { IsRepeatable: false } number ? number : throw new DeployOpsException(
            "MigrationBaselineInvalid", FaultKind.InvalidData, $"'{version}' is no version.", "Write numbers with points or underscores between, such as 2.4.0.")
        { Target = version };
        return await PlanAsync(
            $"baseline {parsed}",
            (_, scripts) => Task.FromResult(HistoryPlanner.Baseline(parsed, scripts, ports.TimeProvider.GetUtcNow(), $"{ports.Operator.Name} (baseline)")),
            cancellationToken);
    }

    /// <summary>What would be written where another tool's history is taken over, reading only.</summary>
    /// <param name="tool">Whose history.</param>
    /// <param name="table">Its table; null for the one it makes by itself.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryExists</c>, <c>MigrationHistoryMissing</c>, <c>MigrationHistoryFailed</c>, <c>MigrationHistoryUnmapped</c>, <c>MigrationChecksumMismatch</c>, <c>MigrationMissing</c>, <c>MigrationHistoryUnsupported</c> and those of reading the folder and the database.</exception>
    public Task<HistoryImport> PlanImportAsync(MigrationTool tool, string? table, CancellationToken cancellationToken)
    {
        var name = table ?? ForeignHistory.DefaultTable(tool);
        return PlanAsync(
            $"{tool} {name}",
            async (history, scripts) =>
            {
                var rows = await history.ReadForeignAsync(tool, name, cancellationToken) ?? throw new DeployOpsException(
                    "MigrationHistoryMissing", FaultKind.NotFound, $"The database has no table {name}.", $"Name the table that {tool} wrote with -Table.")
                { Target = name };
                return HistoryPlanner.Adopt(ForeignHistory.InEffect(tool, rows, scripts), scripts, row => $"{row.AppliedBy} (imported from {name} by {ports.Operator.Name})".TrimStart());
            },
            cancellationToken);
    }

    /// <summary>Writes what was planned.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationHistoryExists</c> where somebody was faster, or <c>MigrationBusy</c>.</exception>
    public async Task<HistoryImport> WriteAsync(HistoryImport planned, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(planned);
        await using var opened = Open();
        await History(opened).AdoptAsync(planned.Scripts, cancellationToken);
        return planned with { Written = true };
    }

    private async Task<HistoryImport> PlanAsync(string source, Func<IHistoryTarget, IReadOnlyList<MigrationScript>, Task<IReadOnlyList<AdoptedMigration>>> rows, CancellationToken cancellationToken)
    {
        var scripts = await MigrationFolder.LoadAsync(database.Migrations!, cancellationToken);
        await using var opened = Open();
        var history = History(opened);
        var existing = await opened.Migrations.ReadHistoryAsync(cancellationToken);
        if (existing.Count > 0)
        {
            throw Exists(existing.Count);
        }

        var adopted = await rows(history, scripts);
        var plan = MigrationPlanner.Plan(scripts, [.. adopted.Select(row => row.Row)]);
        return new HistoryImport { Source = source, Version = plan.Current?.ToString(), Scripts = adopted, Pending = [.. plan.Pending.Select(script => script.FileName)] };
    }

    /// <summary>The error of a database that has a history.</summary>
    public static DeployOpsException Exists(int rows) => new(
        "MigrationHistoryExists",
        FaultKind.InvalidOperation,
        $"The database has a history of {rows} script{(rows == 1 ? "" : "s")} already.",
        "A history is taken over once, before the first migration; see what is pending with Invoke-DbMigration -WhatIf.");

    private IDatabase Open() => DatabaseMigrator.Open(ports, database);

    private IHistoryTarget History(IDatabase opened) => opened.History ?? throw new DeployOpsException(
        "MigrationHistoryUnsupported", FaultKind.InvalidOperation, $"A history cannot be taken over into a database of the kind {database.Kind}.", "Use Sqlite, PostgreSql or MariaDb.");
}
