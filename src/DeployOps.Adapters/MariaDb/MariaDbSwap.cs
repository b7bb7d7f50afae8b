using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Puts a restored database in the live one's place. MariaDB renames no database: all tables and sequences of both are renamed in one statement, which is done whole or not at
/// all; triggers, views, routines and events are dropped and made, one after another. What fails is taken back; a run that is killed between them leaves the tables of one side
/// without some of these, and restoring again mends it.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="restored">What takes its place.</param>
internal sealed class MariaDbSwap(MariaDbServer live, MariaDbScratch restored)
{
    private const int Tries = 5;
    private static readonly HashSet<string> None = new(StringComparer.Ordinal);
    private readonly string replaced = MariaDbScratch.Replaced + restored.Name[MariaDbScratch.Restore.Length..];

    /// <summary>Does it; whoever has chosen the live database is disconnected. What goes with its name, rights and settings, stays with the name.</summary>
    /// <exception cref="MySqlException">The server refused; the live database is as it was.</exception>
    internal async Task TakePlaceAsync(CancellationToken cancellationToken)
    {
        var keeper = restored.Keeper;
        await keeper.ExecuteAsync(
            cancellationToken,
            "SET SESSION foreign_key_checks = 0, lock_wait_timeout = 5, max_statement_time = 0",
            $"CREATE DATABASE IF NOT EXISTS {MariaDbNames.Quote(live.Database)}{await MariaDbScratch.CharacterSetAsync(keeper, restored.Name, cancellationToken)}");
        await MariaDbScratch.LockAsync(keeper, replaced, cancellationToken);
        await keeper.ExecuteAsync(cancellationToken, $"CREATE DATABASE {MariaDbNames.Quote(replaced)}{await MariaDbScratch.CharacterSetAsync(keeper, live.Database, cancellationToken)}");
        try
        {
            await ExchangeAsync(keeper, cancellationToken);
        }
        finally
        {
            // Empty again where it was taken back; else it has what was replaced.
            await keeper.ExecuteAsync(CancellationToken.None, $"USE {MariaDbNames.Quote("information_schema")}");
            await MariaDbScratch.DropAsync(keeper, replaced);
        }
    }

    private async Task ExchangeAsync(MySqlConnection keeper, CancellationToken cancellationToken)
    {
        await UseAsync(keeper, restored.Name);
        var coming = await MariaDbObject.AllAsync(keeper, cancellationToken);
        var comingTables = await MariaDbRelation.AllAsync(keeper, restored.Name, cancellationToken);
        await MariaDbObject.DropAsync(keeper, coming.Where(one => one.Kind == "TRIGGER"));
        await UseAsync(keeper, live.Database);
        var going = await MariaDbObject.AllAsync(keeper, cancellationToken);
        var goingTables = await MariaDbRelation.AllAsync(keeper, live.Database, cancellationToken);

        // From here on nothing stops it but a refusal, which is taken back.
        cancellationToken.ThrowIfCancellationRequested();
        var isSwapped = false;
        try
        {
            await AloneAsync(keeper, () => MariaDbObject.DropAsync(keeper, going.Where(one => one.Kind == "TRIGGER")));
            await RenameAsync(keeper, [.. Moves(goingTables, live.Database, replaced), .. Moves(comingTables, restored.Name, live.Database)]);
            isSwapped = true;
            await AloneAsync(keeper, () => MariaDbObject.DropAsync(keeper, going));
            await MariaDbObject.CreateAsync(keeper, coming, restored.Events);
        }
        catch (MySqlException)
        {
            await UseAsync(keeper, live.Database);
            await MariaDbObject.DropAsync(keeper, [.. isSwapped ? coming : [], .. going]);
            if (isSwapped)
            {
                await RenameAsync(keeper, [.. Moves(comingTables, live.Database, restored.Name), .. Moves(goingTables, replaced, live.Database)]);
            }

            await MariaDbObject.CreateAsync(keeper, going, None);
            throw;
        }
    }

    private Task RenameAsync(MySqlConnection keeper, IReadOnlyList<string> moves) => moves.Count == 0
        ? Task.CompletedTask
        : AloneAsync(keeper, () => keeper.ExecuteAsync(CancellationToken.None, $"RENAME TABLE {string.Join(", ", moves)}"));

    // Whoever uses a table keeps its definition from being changed, and may come back as soon as he is disconnected.
    private async Task AloneAsync(MySqlConnection keeper, Func<Task> change)
    {
        for (var attempt = 1; ; attempt++)
        {
            await DisconnectOthersAsync(keeper);
            try
            {
                await change();
                return;
            }
            catch (MySqlException e) when (MariaDbErrors.MayPass(e) && attempt < Tries)
            {
                // Again.
            }
        }
    }

    private async Task DisconnectOthersAsync(MySqlConnection keeper)
    {
        var others = await keeper.QueryAsync(
            "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB IN (@p0, @p1)", [live.Database, restored.Name], row => (long)row.Number(0), CancellationToken.None);
        foreach (var id in others)
        {
            try
            {
                await keeper.ExecuteAsync(CancellationToken.None, string.Create(CultureInfo.InvariantCulture, $"KILL CONNECTION {id}"));
            }
            catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
            {
                // It has gone by itself.
            }
        }
    }

    private static IEnumerable<string> Moves(IEnumerable<MariaDbRelation> tables, string from, string to) =>
        tables.Select(table => $"{MariaDbNames.Quote(from, table.Name)} TO {MariaDbNames.Quote(to, table.Name)}");

    private static Task UseAsync(MySqlConnection keeper, string database) => keeper.ExecuteAsync(CancellationToken.None, $"USE {MariaDbNames.Quote(database)}");
}
