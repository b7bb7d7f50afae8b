using System.Globalization;
using System.Management.Automation;
using DeployOps.Completion;
using DeployOps.Migrations;
using DeployOps.Migrations.Watching;
using DeployOps.Phases;
using DeployOps.Pipeline;
using DeployOps.Windows;

namespace DeployOps.Commands;

/// <summary>Applies the pending migration scripts of a window's databases, in order, and validates them.</summary>
/// <remarks>
/// Each script is one transaction with its row in the history (deployops_history of SQLite, deployops.migration of PostgreSQL, deployops_migration of MariaDB), both or neither. One that PostgreSQL allows
/// no transaction, and one that changes a definition in MariaDB, where that commits by itself, runs statement by statement, with a record of each. Scripts that were applied are compared by checksum; a changed, missing or out-of-order one is refused by name. After the last script the validation queries run. A run that was
/// interrupted carries on where it stopped. When it fails and the plan says Automatic, the release goes back before the error is reported.
/// PostgreSQL and MariaDB are watched meanwhile, within the limits of Databases.Limits in the plan: before each script, and outside of a transaction before each statement, a gate holds
/// while replicas are behind, transactions of others are old or the disk is full; a breaker cancels what keeps others waiting. What was seen is in Databases.Evidence.
/// A comment -- deployops: repeat-until-zero chunk=5000 before an UPDATE, DELETE, INSERT or MERGE has it run again and again, a commit and a gate each, until it touches no row. The
/// statement limits itself, such as by WHERE id IN (SELECT id FROM orders WHERE status IS NULL LIMIT 5000): nothing is put into it, and a round that touches more than chunk rows
/// is rolled back and fails the script.
/// In a window, what the scripts did to the restored backup before, locks, rewrites and time, is in Databases.Rehearsal, and -WhatIf shows it. What the same statements of a PostgreSQL script did in
/// production is in Databases.Evidence.Statements, and what of it differs in Databases.Evidence.Differences.
/// R__name.sql scripts have no version: they are run after all that have one, by name, whenever their text changes, and are not taken back. A database that was migrated before
/// is taken in by Import-DbMigrationHistory.
/// Without a plan, give -Kind, -ConnectionString and -Path, and what else of the plan's database is to be: -Validations, -Replica, -MaxCpu.
/// </remarks>
/// <example>
/// <code>$window | Invoke-DbMigration</code>
/// <para>Applies what is pending in the window's databases and emits a MigrationResult.</para>
/// </example>
/// <example>
/// <code>Invoke-DbMigration -Kind Sqlite -ConnectionString 'Data Source=shop.db' -Path migrations -WhatIf</code>
/// <para>Shows what would be applied to a database, without a plan and without a window.</para>
/// </example>
[Cmdlet(VerbsLifecycle.Invoke, "DbMigration", DefaultParameterSetName = WindowSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(MigrationResult))]
public sealed class InvokeDbMigrationCommand : PhaseCommand
{
    private const string DatabaseSet = "Database";

    // Less is never: a host that runs a server is not idle.
    private const double LeastCpu = 0.01;

    /// <summary>The kind of database: Sqlite, PostgreSql or MariaDb.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatabaseSet)]
    [ArgumentCompleter(typeof(DatabaseKindCompleter))]
    public string Kind { get; set; } = "";

    /// <summary>The ADO.NET connection string; a relative file in it starts at the current location.</summary>
    [Parameter(Mandatory = true, ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string ConnectionString { get; set; } = "";

    /// <summary>The folder with V…__name.sql, U…__name.sql and R__name.sql scripts.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "";

    /// <summary>The folder with validation queries.</summary>
    [Parameter(ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string? Validations { get; set; }

    /// <summary>
    /// Of PostgreSql: the connection string of a replica, by the same database on it, which validations with -- on: replica are asked of. In a window the plan says it: Databases.Replica.
    /// </summary>
    [Parameter(ParameterSetName = DatabaseSet)]
    [ValidateNotNullOrEmpty]
    public string? Replica { get; set; }

    /// <summary>
    /// How busy the processors of the database's host may be before a script goes on, such as 0.8: a gate holds while they are busier. As busy as they are where it is not given. In a window the
    /// plan says it: Databases.Limits.MaxCpu. Of Sqlite, which is not watched, it means nothing.
    /// </summary>
    [Parameter(ParameterSetName = DatabaseSet)]
    [ValidateRange(LeastCpu, 1.0)]
    public double? MaxCpu { get; set; }

    /// <summary>
    /// Asks the validations in the transaction of the last script, too, before it is committed: where one fails, nothing of that script is left. What it locks stays locked meanwhile.
    /// A script that runs outside of a transaction is validated after it, as without this; on MariaDB, where definitions commit by themselves, it is refused before anything runs.
    /// </summary>
    [Parameter]
    public SwitchParameter VerifyBeforeCommit { get; set; }

    /// <summary>
    /// Says how busy the processors of the database's host are, in percent: { (Invoke-RestMethod http://db1:9100/load).cpu }, which needs pwsh. It runs in the session of the cmdlet, again a second after each answer,
    /// while scripts are watched, so it answers soon. Without it, of a server on this machine the machine is looked at, of another PostgreSQL server its /proc/stat where the account may read it.
    /// A gate holds by it where the plan has Databases.Limits.MaxCpu, or -MaxCpu is given. An answer that is older than 5 s says nothing any more.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public ScriptBlock? CpuProbe { get; set; }

    private protected override Task ProcessAsync() => ParameterSetName == DatabaseSet
        ? MigrateAsync()
        : RunPhaseAsync(new MigrationPhase { VerifyBeforeCommit = VerifyBeforeCommit, CpuProbe = Probe() }, planned => planned.Databases.Count == 0 ? (Window.Id, planned.Summary) : Describe(planned));

    private async Task MigrateAsync()
    {
        var migration = new DatabaseMigrator(Ports, Reporter, new DatabaseSpec
        {
            Name = "database",
            Kind = Kind,
            ConnectionString = ConnectionString,
            Migrations = FullPath(Path),
            Validations = Validations is null ? null : FullPath(Validations),
            Replica = Replica,
            Limits = new MigrationLimits { MaxCpu = MaxCpu },
            BaseFolder = FullPath("."),
        })
        { VerifyBeforeCommit = VerifyBeforeCommit, CpuProbe = Probe() };
        var planned = await migration.PlanAsync(Token);
        var (target, action) = Describe(planned);
        if (!await ShouldProcessAsync(target, action))
        {
            await EmitAsync(planned);
            return;
        }

        var result = await migration.RunAsync(Token);
        if (result.Outcome != PhaseOutcome.Succeeded)
        {
            throw new DeployOpsException("ValidationFailed", FaultKind.Failed, result.Summary) { Target = result };
        }

        await EmitAsync(result);
    }

    private Func<CancellationToken, Task<double>>? Probe() => CpuProbe is not { } probe ? null : async token =>
    {
        var (percent, fault) = await DoAsync(() => Percent(probe)).WaitAsync(token);
        return fault is null ? percent : throw new InvalidOperationException(fault);
    };

    // What it fails with says that nothing is known of the processors, and ends nothing else.
    private static (double Percent, string? Fault) Percent(ScriptBlock probe)
    {
        try
        {
            var answer = probe.Invoke();
            // PowerShell takes nothing for the number 0.
            return answer.Count == 0 || string.IsNullOrWhiteSpace(answer[^1]?.ToString()) ? (0, "it answered nothing")
                : LanguagePrimitives.TryConvertTo<double>(answer[^1], CultureInfo.InvariantCulture, out var percent) ? (percent, null)
                : (0, $"it answered '{answer[^1]}', which is no number");
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            return (0, e.Message);
        }
    }

    private static (string Target, string Action) Describe(MigrationResult planned) => (
        string.Join("; ", planned.Databases.Select(database => $"{database.Database}: {database.From ?? "no version"} -> {database.To ?? "no version"}")),
        string.Join("; ", [$"Apply {planned.Databases.Sum(database => database.Scripts.Count)} migrations", .. planned.Databases.Select(database => database.Rehearsal?.ToString()).OfType<string>()]));
}
