using DeployOps.Adapters.Watching;
using DeployOps.Backups;
using DeployOps.Migrations;
using DeployOps.Migrations.Imports;
using DeployOps.Migrations.Lint;
using DeployOps.Migrations.States;
using DeployOps.Migrations.Validations;

namespace DeployOps.Adapters.MariaDb;

/// <summary>A restored backup to be tried on: by the account of the plan until it is confined, by one that has rights on nothing else from then on.</summary>
/// <param name="scratch">The copy.</param>
/// <param name="open">Opens it by an account.</param>
/// <param name="observer">Is told what could not be tidied up.</param>
internal sealed class MariaDbCopy(MariaDbScratch scratch, Func<MariaDbServer, bool, IDatabase> open, IProofObserver observer) : IDatabase
{
    private MariaDbRehearsalAccount? account;
    private IDatabase database = open(scratch.Server, false);

    /// <inheritdoc/>
    public IMigrationTarget Migrations => database.Migrations;

    /// <inheritdoc/>
    public IValidationTarget Validations => database.Validations;

    /// <inheritdoc/>
    public IBackupTarget Backups => database.Backups;

    /// <inheritdoc/>
    public IHistoryTarget? History => database.History;

    /// <inheritdoc/>
    public IStateTarget? States => database.States;

    /// <inheritdoc/>
    public ITableCatalog? Catalog => database.Catalog;

    /// <inheritdoc/>
    public async Task<string?> ConfineAsync(CancellationToken cancellationToken)
    {
        account ??= new MariaDbRehearsalAccount(scratch, observer);
        if (await account.CreateAsync(cancellationToken) is { } why)
        {
            return why;
        }

        await database.DisposeAsync();
        database = open(account.Server, true);
        return null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        await (account?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
