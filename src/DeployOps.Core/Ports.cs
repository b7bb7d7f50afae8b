using DeployOps.Journal;
using DeployOps.Migrations;
using DeployOps.Plans;
using DeployOps.Plans.Approvals;
using DeployOps.Rollouts;
using DeployOps.Secrets;
using DeployOps.Windows;
using DeployOps.Windows.Homes;

namespace DeployOps;

/// <summary>Everything outside the domain that it works through, put together once by the module and by each test.</summary>
public sealed record Ports
{
    /// <summary>Where windows live.</summary>
    public required DeploymentHome Home { get; init; }

    /// <summary>The one thread that writes journals.</summary>
    public required JournalThread JournalThread { get; init; }

    /// <summary>Knows every secret that was resolved.</summary>
    public required Redactor Redactor { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Reads plans.</summary>
    public required PlanReader Plans { get; init; }

    /// <summary>Databases, routers and metric sources.</summary>
    public required IAdapters Adapters { get; init; }

    /// <summary>Runs the deploy script.</summary>
    public required IInstanceDeployer Deployer { get; init; }

    /// <summary>For probes and versions.</summary>
    public required Health.HttpAsker Http { get; init; }

    /// <summary>Who is at work.</summary>
    public required OperatorIdentity Operator { get; init; }

    /// <summary>The module's version.</summary>
    public required string ModuleVersion { get; init; }

    /// <summary>Opens a database of a known kind; its passwords are known to the redactor first, whoever gave them. Connecting may wait until first use.</summary>
    internal IDatabase OpenDatabase(DatabaseSpec database)
    {
        foreach (var text in new[] { database.ConnectionString, database.Scratch, database.Replica }.OfType<string>())
        {
            KeepOut(text);
        }

        return Adapters.OpenDatabase(database);
    }

    private void KeepOut(string connectionString)
    {
        try
        {
            foreach (var password in ConnectionPasswords.Of(connectionString))
            {
                Redactor.Register(password);
            }
        }
        catch (ArgumentException)
        {
            // The adapter refuses it by name, without quoting it.
        }
    }
}
