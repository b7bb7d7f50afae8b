using DeployOps.Backups;
using DeployOps.Migrations;
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
}
