using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps;

/// <summary>A database of a plan: what migrations, validations and backups need of it.</summary>
public interface IDatabase : IAsyncDisposable
{
    /// <summary>Its migrations.</summary>
    IMigrationTarget Migrations { get; }

    /// <summary>Its validation queries.</summary>
    IValidationTarget Validations { get; }

    /// <summary>Its backups.</summary>
    IBackupTarget Backups { get; }

    /// <summary>Its history of before; null where its kind takes none in.</summary>
    IHistoryTarget? History => null;

    /// <summary>What it consists of; null where its kind does not say.</summary>
    IStateTarget? States => null;

    /// <summary>What it knows of its tables; null where it does not say.</summary>
    ITableCatalog? Catalog => null;

    /// <summary>
    /// Of a copy: lets the server see to it that what is tried on it from now on reaches nothing outside of it, where its kind does not by its nature. Called before anything is tried.
    /// </summary>
    /// <returns>Why the server cannot, in words, and what to do; null where it does.</returns>
    Task<string?> ConfineAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);
}
