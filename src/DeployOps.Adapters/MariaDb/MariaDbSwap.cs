using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// Puts a restored database in the live one's place. MariaDB renames no database: all tables and sequences of both are renamed in one statement, which is done whole or not at
/// all; triggers, views, routines and events are dropped and made, one after another. What fails is taken back. Until all of it is done, what was replaced stays in a database
/// of its own, its tables and how everything else of it was made; where it could not be taken back, or the run was killed, no later run drops that one.
/// </summary>
/// <param name="live">The database.</param>
/// <param name="restored">What takes its place.</param>
internal sealed class MariaDbSwap(MariaDbServer live, MariaDbScratch restored)
{
    /// <summary>The live database was not touched, or it was seen to be as it was.</summary>
    internal const string AsBefore = "It is as it was before.";

    private const int Tries = 5;
    private const string Definitions = "deployops_replaced_definitions";
    private const string Superseded = "what was replaced by a restore that did not end, before it was restored again";

    // Kept beside how everything was made: what gives a right on a routine, under the kind of the routine.
    private const string OfRight = "GRANT ";
    private static readonly HashSet<string> None = new(StringComparer.Ordinal);
    private readonly string replaced = MariaDbScratch.Replaced + restored.Name[MariaDbScratch.Restore.Length..];

    // Rights on single routines of what is replaced.
    private IReadOnlyList<MariaDbRoutineRight> rights = [];

    // Its default character set, as CREATE DATABASE says it.
    private string characterSet = "";

    // When the tables of the backup came into their place.
    private DateTimeOffset? movedAt;

    // When the first trigger was dropped: from then until they are made again, what is written fires none.
    private DateTimeOffset? withoutTriggers;

    // Null while a statement runs that moves the tables: where the connection is lost by it, nobody knows.
    private bool? isSwapped = false;

    /// <summary>The clock. Default: the system's.</summary>
    internal TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How long one try waits for who uses a table. Default 5 s.</summary>
    internal TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Says what the database that was replaced holds beyond what was counted; it is given its name. Where that is anything, it is not dropped. Default: nothing.</summary>
    internal Func<string, Task<IReadOnlyList<string>>> More { get; init; } = _ => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>Who was connected to the live database before, to be told where it was written to at the last moment. Default: nobody.</summary>
    internal IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Asked right before anything of the live database is dropped, and again before the tables are renamed; what it throws keeps that from happening. Default: does nothing.</summary>
    internal Action BeforeReplacing { get; init; } = () => { };

    /// <summary>Is told what is left to be done by hand. Default: nobody.</summary>
    internal Action<string> Warn { get; init; } = _ => { };

    /// <summary>What the live database is now, and where what it was is.</summary>
    internal string Left { get; private set; } = AsBefore;

    /// <summary>Whether the restored one is in its place, with everything.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>
    /// Does it; whoever has chosen the live database is disconnected. What goes with its name, rights and settings, stays with the name; rights on single routines, which go where those
    /// are dropped, are given again. Its default character set becomes that of the backup.
    /// </summary>
    /// <exception cref="MySqlException">The server refused; <see cref="Left"/> says what the live database is now.</exception>
    /// <exception cref="InvalidOperationException">The connection was lost; the same.</exception>
    /// <exception cref="DeployOpsException"><c>RestoreLosesMore</c>; it is done, and what was replaced is kept. <c>RestoreFailed</c> where something stands in the way; nothing was touched.</exception>
    internal async Task TakePlaceAsync(CancellationToken cancellationToken)
    {
        var keeper = restored.Keeper;
        await keeper.ExecuteAsync(
            cancellationToken,
            $"SET SESSION foreign_key_checks = 0, lock_wait_timeout = {MariaDbNames.Seconds(LockWait)}, max_statement_time = 0",
            $"CREATE DATABASE IF NOT EXISTS {MariaDbNames.Quote(live.Database)}{await MariaDbScratch.CharacterSetAsync(keeper, restored.Name, cancellationToken)}");
        await MariaDbScratch.LockAsync(keeper, replaced, cancellationToken);
        await MariaDbScratch.MakeAsync(keeper, replaced, await MariaDbScratch.CharacterSetAsync(keeper, live.Database, cancellationToken), What(live.Database), cancellationToken);
        try
        {
            await ExchangeAsync(keeper, cancellationToken);
        }
        catch when (Left.StartsWith(AsBefore, StringComparison.Ordinal) && keeper.State == System.Data.ConnectionState.Open)
        {
            await TidyAsync(keeper);
            throw;
        }

        await SupersedeAsync(keeper);
        (IsDone, Left) = (true, $"What it was is still in the database {replaced}; DROP DATABASE {replaced} when nothing of it is needed.");
        if (await More(replaced) is { Count: > 0 } more)
        {
            throw Backups.LossCheck.Refusal(live.Place, more, Others, $"The restored backup is in its place. All that it held is in the database {replaced}, which no run of DeployOps drops: fetch from there what is needed, then DROP DATABASE {replaced}.", isAsBefore: false);
        }

        await TidyAsync(keeper);
        Left = "Nothing need be done: the next run drops the empty database that is left.";
    }

    private async Task TidyAsync(MySqlConnection keeper)
    {
        await keeper.ExecuteAsync(CancellationToken.None, $"USE {MariaDbNames.Quote("information_schema")}");
        await MariaDbScratch.DropAsync(keeper, replaced);
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
        if (await MariaDbHindrance.FindAsync(keeper, live, tries: true, replicas: null, cancellationToken) is { IsCertain: true } hindrance)
        {
            throw MariaDbHindrance.Refusal(live, hindrance);
        }

        rights = going.Any(IsRoutine) ? await MariaDbRoutineRight.AllAsync(keeper, live.Database, cancellationToken) : [];
        characterSet = await MariaDbScratch.CharacterSetAsync(keeper, live.Database, cancellationToken);
        var comingSet = await MariaDbScratch.CharacterSetAsync(keeper, restored.Name, cancellationToken);
        await KeepAsync(keeper, going, cancellationToken);

        // From here on nothing stops it but a refusal, which is taken back.
        cancellationToken.ThrowIfCancellationRequested();
        BeforeReplacing();
        Left = NotAsBefore("the exchange was interrupted");
        try
        {
            withoutTriggers = going.Any(one => one.Kind == "TRIGGER") ? Time.GetUtcNow() : null;
            await AloneAsync(keeper, () => MariaDbObject.DropAsync(keeper, going.Where(one => one.Kind == "TRIGGER")));
            await RenameAsync(keeper, [.. Moves(goingTables, live.Database, replaced), .. Moves(comingTables, restored.Name, live.Database)], swaps: true);
            await AloneAsync(keeper, () => MariaDbObject.DropAsync(keeper, going));
            await DefaultsAsync(keeper, comingSet);
            await MariaDbObject.CreateAsync(keeper, coming, restored.Events, create => AloneAsync(keeper, create, disconnects: false), rights);
        }
        catch (Exception e) when (e is MySqlException or InvalidOperationException or DeployOpsException)
        {
            await TakeBackAsync(keeper, (coming, comingTables), (going, goingTables));
            throw;
        }

        var anew = coming.Where(one => IsRoutine(one) && !going.Any(had => (had.Kind, had.Name) == (one.Kind, one.Name))).Select(one => $"{one.Kind.ToLowerInvariant()} {one.Name}").ToList();
        if (anew.Count > 0)
        {
            Warn($"rights on single routines are in no backup, and went where these were dropped: {string.Join(", ", anew)}. Grant EXECUTE again to whoever had it on one of them alone.");
        }
    }

    private static bool IsRoutine(MariaDbObject one) => one.Kind is not ("VIEW" or "TRIGGER" or "EVENT");

    // What is made in a database that says no character set of its own takes the database's.
    private async Task DefaultsAsync(MySqlConnection keeper, string wanted)
    {
        if (await MariaDbScratch.CharacterSetAsync(keeper, live.Database, CancellationToken.None) != wanted)
        {
            await AloneAsync(keeper, () => keeper.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {MariaDbNames.Quote(live.Database)}{wanted}"), disconnects: false);
        }
    }

    // How everything was made that is no table: it is dropped before it can be made again.
    private async Task KeepAsync(MySqlConnection keeper, IReadOnlyList<MariaDbObject> going, CancellationToken cancellationToken)
    {
        var table = MariaDbNames.Quote(replaced, Definitions);
        await keeper.ExecuteAsync(
            cancellationToken,
            $"CREATE TABLE {table} (number int PRIMARY KEY, kind varchar(20) NOT NULL, name varchar(64) NOT NULL, sql_mode text NOT NULL, time_zone varchar(64) NOT NULL, character_set varchar(64) NOT NULL, collation varchar(64) NOT NULL, database_collation varchar(64) NOT NULL, definition longtext NOT NULL) ENGINE = InnoDB CHARACTER SET utf8mb4");
        for (var i = 0; i < going.Count; i++)
        {
            var one = going[i];
            await keeper.ExecuteAsync(
                $"INSERT INTO {table} VALUES (@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8)",
                [i + 1, one.Kind, one.Name, one.SqlMode, one.TimeZone, one.CharacterSet, one.Collation, one.DatabaseCollation, one.Creation],
                cancellationToken);
        }

        for (var i = 0; i < rights.Count; i++)
        {
            await keeper.ExecuteAsync(
                $"INSERT INTO {table} VALUES (@p0, @p1, @p2, @p3, '', '', '', '', @p4)", [going.Count + i + 1, OfRight + rights[i].Kind, rights[i].Routine, rights[i].SqlMode, rights[i].Grant], cancellationToken);
        }
    }

    // Its own failure is told with what failed before: what is left of the live database decides what a person has to do.
    private async Task TakeBackAsync(
        MySqlConnection keeper, (IReadOnlyList<MariaDbObject> Objects, IReadOnlyList<MariaDbRelation> Tables) coming, (IReadOnlyList<MariaDbObject> Objects, IReadOnlyList<MariaDbRelation> Tables) going)
    {
        try
        {
            // The server that answers has done the move whole or not at all, and said which.
            await UseAsync(keeper, live.Database);
            isSwapped ??= false;
            var wasSwapped = isSwapped == true;
            await AloneAsync(keeper, () => MariaDbObject.DropAsync(keeper, [.. wasSwapped ? coming.Objects : [], .. going.Objects]));
            if (wasSwapped)
            {
                await RenameAsync(keeper, [.. Moves(coming.Tables, live.Database, restored.Name), .. Moves(going.Tables, replaced, live.Database)], swaps: false);
            }

            await DefaultsAsync(keeper, characterSet);
            await MariaDbObject.CreateAsync(keeper, going.Objects, None, create => AloneAsync(keeper, create, disconnects: false), rights);
            var isAsBefore = going.Objects.SequenceEqual(await MariaDbObject.AllAsync(keeper, CancellationToken.None))
                && going.Tables.ToHashSet().SetEquals(await MariaDbRelation.AllAsync(keeper, live.Database, CancellationToken.None))
                && (await MariaDbRelation.AllAsync(keeper, replaced, CancellationToken.None)).All(table => table.Name == Definitions);
            isAsBefore = isAsBefore && (rights.Count == 0 || !rights.Except(await MariaDbRoutineRight.AllAsync(keeper, live.Database, CancellationToken.None)).Any());
            Left = isAsBefore ? AsBefore + Meanwhile(wasSwapped) : NotAsBefore("what was made again is not what it was");
        }
        catch (Exception e) when (e is MySqlException or InvalidOperationException)
        {
            Left = NotAsBefore(MariaDbErrors.Words(e));
        }
    }

    // Others write as soon as they come back, and nobody can be kept away.
    private string Meanwhile(bool wasSwapped)
    {
        var until = Time.GetUtcNow();
        return wasSwapped && movedAt is { } moved ? string.Create(CultureInfo.InvariantCulture, $" But what was written from {moved:HH:mm:ss} to {until:HH:mm:ss} UTC went to the tables of the backup, and is gone with them.")
            : withoutTriggers is { } since ? string.Create(CultureInfo.InvariantCulture, $" But from {since:HH:mm:ss} to {until:HH:mm:ss} UTC its triggers were missing: what was written then fired none.")
            : "";
    }

    private string NotAsBefore(string why)
    {
        var tables = isSwapped switch
        {
            false => "Its tables are as they were, but triggers, views, routines and events may be missing",
            true => $"Its tables as they were are in the database {replaced}, which is kept, and those of the backup are in their place",
            null => $"Its tables as they were are in it or in the database {replaced}, which is kept",
        };
        return $"It could not be put back as it was: {why}. {tables}; how its triggers, views, routines and events were made stands in {replaced}.{Definitions}. No run of DeployOps drops {replaced}: "
            + "either restore again and then drop it, or move its tables back by RENAME TABLE and make what stands there.";
    }

    private async Task RenameAsync(MySqlConnection keeper, IReadOnlyList<string> moves, bool swaps)
    {
        if (moves.Count > 0)
        {
            await AloneAsync(keeper, async () =>
            {
                (swaps ? BeforeReplacing : () => { })();
                var was = isSwapped;
                isSwapped = null;
                try
                {
                    await keeper.ExecuteAsync(CancellationToken.None, $"RENAME TABLE {string.Join(", ", moves)}");
                }
                catch (MySqlException e) when (!MariaDbErrors.IsLost(e) && keeper.State == System.Data.ConnectionState.Open)
                {
                    isSwapped = was;
                    throw;
                }
            });
        }

        isSwapped = swaps;
        movedAt = swaps ? Time.GetUtcNow() : movedAt;
        Left = NotAsBefore("the exchange was interrupted");
    }

    // Whoever uses a table keeps its definition from being changed, and may come back as soon as he is disconnected.
    private async Task AloneAsync(MySqlConnection keeper, Func<Task> change, bool disconnects = true)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (disconnects || attempt > 1)
            {
                await DisconnectOthersAsync(keeper);
            }

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
            $"SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB IN (@p0, @p1) AND {MariaDbUsers.AreClients}", [live.Database, restored.Name], row => (long)row.Number(0), CancellationToken.None);
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

    // How what was replaced by an earlier restore was made is of no use any more where this one has come to its end; its tables are kept.
    private async Task SupersedeAsync(MySqlConnection keeper)
    {
        foreach (var (name, isEmpty) in await LeftAsync(keeper, live.Database, CancellationToken.None))
        {
            await (isEmpty
                ? MariaDbScratch.DropAsync(keeper, name)
                : keeper.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {MariaDbNames.Quote(name)} COMMENT {MariaDbNames.Text($"{MariaDbScratch.Comment} {Superseded}")}"));
        }
    }

    private static string What(string database) => $"what {database} was before it was restored, unless it is empty";

    // What runs that were killed, or could not take back what they did, left of a database: with tables, or with nothing but how all else was made.
    private static async Task<IReadOnlyList<(string Name, bool IsEmpty)>> LeftAsync(MySqlConnection connection, string database, CancellationToken cancellationToken) => await connection.QueryAsync(
        """
        SELECT SCHEMA_NAME, NOT EXISTS (SELECT 1 FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = SCHEMA_NAME AND t.TABLE_NAME <> @p1)
        FROM information_schema.SCHEMATA
        WHERE SCHEMA_NAME REGEXP '^deployops_replaced_[0-9a-f]{12}$' AND SCHEMA_COMMENT = @p0
        AND EXISTS (SELECT 1 FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA = SCHEMA_NAME AND t.TABLE_NAME = @p1)
        AND IS_FREE_LOCK(CONCAT('deployops_use:', LEFT(SHA2(SCHEMA_NAME, 256), 40))) = 1
        """,
        [$"{MariaDbScratch.Comment} {What(database)}", Definitions],
        row => (row.Text(0), row.Number(1) != 0),
        cancellationToken);

    /// <summary>
    /// Makes again what a restore dropped of a database that was killed before it had exchanged the tables: triggers, views, routines, events. Nothing where none was.
    /// </summary>
    /// <param name="live">The database.</param>
    /// <param name="cancellationToken">Stops it before anything is made.</param>
    /// <returns>What was done, in words; empty where nothing was.</returns>
    /// <exception cref="MySqlException">The server refused.</exception>
    /// <exception cref="DeployOpsException"><c>RestoreInterrupted</c> where the tables had been exchanged already; <c>DatabaseUnreachable</c>.</exception>
    internal static async Task<string> MendAsync(MariaDbServer live, CancellationToken cancellationToken)
    {
        await using var connection = await live.OpenServerAsync(cancellationToken);
        var made = new List<string>();
        foreach (var (name, isEmpty) in await LeftAsync(connection, live.Database, cancellationToken))
        {
            if (!isEmpty)
            {
                throw new DeployOpsException(
                    "RestoreInterrupted",
                    FaultKind.InvalidOperation,
                    $"A restore of {live.Place} did not end: its tables are those of the backup, and triggers, views, routines and events may be missing. What it was is in the database {name}.",
                    $"Restore it again; or make what is missing and DROP DATABASE {name} when nothing of it is needed.")
                { Target = live.Database };
            }

            made.AddRange(await MakeAgainAsync(connection, live.Database, name, cancellationToken));
        }

        return made.Count == 0 ? "" : $"A restore of {live.Place} did not end and had dropped what was made again: {string.Join(", ", made)}. What was written meanwhile fired no trigger.";
    }

    private static async Task<IEnumerable<string>> MakeAgainAsync(MySqlConnection connection, string database, string left, CancellationToken cancellationToken)
    {
        await MariaDbScratch.LockAsync(connection, left, cancellationToken);
        await UseAsync(connection, database);
        var there = (await MariaDbObject.AllAsync(connection, cancellationToken)).Select(one => (one.Kind, one.Name)).ToHashSet();
        var kept = await connection.QueryAsync(
            $"SELECT kind, name, sql_mode, time_zone, definition, character_set, collation, database_collation FROM {MariaDbNames.Quote(left, Definitions)} ORDER BY number",
            [],
            row => new MariaDbObject(row.Text(0), row.Text(1), row.Text(2), row.Text(3), row.Text(4)) { CharacterSet = row.Text(5), Collation = row.Text(6), DatabaseCollation = row.Text(7) },
            cancellationToken);
        List<MariaDbRoutineRight> given = [.. kept.Where(IsRight).Select(one => new MariaDbRoutineRight(one.Kind[OfRight.Length..], one.Name, one.Creation))];
        List<MariaDbObject> missing = [.. kept.Where(one => !IsRight(one) && !there.Contains((one.Kind, one.Name)))];
        await MariaDbObject.CreateAsync(connection, missing, None, create => create(), given);

        // Of a routine that was made again already, the rights may still be missing.
        foreach (var right in given.Where(right => there.Any(one => right.IsOn(one.Kind, one.Name))))
        {
            await right.GiveAsync(connection);
        }

        await connection.ExecuteAsync(CancellationToken.None, $"ALTER DATABASE {MariaDbNames.Quote(database)}{await MariaDbScratch.CharacterSetAsync(connection, left, CancellationToken.None)}");
        await UseAsync(connection, "information_schema");
        await MariaDbScratch.DropAsync(connection, left);
        return missing.Select(one => $"{one.Kind.ToLowerInvariant()} {one.Name}");
    }

    private static bool IsRight(MariaDbObject kept) => kept.Kind.StartsWith(OfRight, StringComparison.Ordinal);

    private static IEnumerable<string> Moves(IEnumerable<MariaDbRelation> tables, string from, string to) =>
        tables.Select(table => $"{MariaDbNames.Quote(from, table.Name)} TO {MariaDbNames.Quote(to, table.Name)}");

    private static Task UseAsync(MySqlConnection keeper, string database) => keeper.ExecuteAsync(CancellationToken.None, $"USE {MariaDbNames.Quote(database)}");
}
