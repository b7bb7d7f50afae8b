using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>One runner of migrations a database: a named lock of the session, gone with it however it ends. It is asked for again and again and never waited for.</summary>
internal static class MariaDbRunnerLock
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(250);

    /// <summary>The name of a database's lock: of any database's name, which may be longer than a lock's.</summary>
    internal static string NameOf(string database) => $"deployops:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(database)))[..40]}";

    /// <summary>Takes it.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> with who holds it.</exception>
    internal static async Task TakeAsync(MariaDbSession session)
    {
        if (await session.RunAsync(() => MariaDbGalera.FindAsync(session.Runner, CancellationToken.None)) is { } others)
        {
            session.Watch.Blames(others);
        }

        var started = session.Time.GetTimestamp();
        while (await session.RunAsync(() => session.Runner.NumberAsync("SELECT GET_LOCK(@p0, 0)", [NameOf(session.Server.Database)], CancellationToken.None)) != 1)
        {
            if (session.Time.GetElapsedTime(started) >= session.Pace.RunnerWait)
            {
                throw new DeployOpsException(
                    "MigrationBusy",
                    FaultKind.Busy,
                    $"Another runner migrates {session.Server.Database}: {await session.RunAsync(() => HolderAsync(session.Runner, session.Server.Database))}.",
                    "Wait until it has ended, then run again. A server goes on with a statement whose client is gone; KILL ends it.")
                { Target = session.Server.Database };
            }

            await Task.Delay(BetweenTries, session.Time, session.Token);
        }
    }

    /// <summary>Takes it on a connection, for something that is done in a moment; it goes with the connection.</summary>
    /// <exception cref="DeployOpsException"><c>MigrationBusy</c> where a runner has it.</exception>
    internal static async Task TakeAsync(MySqlConnection connection, MariaDbServer server, CancellationToken cancellationToken)
    {
        if (await connection.NumberAsync("SELECT GET_LOCK(@p0, 0)", [NameOf(server.Database)], cancellationToken) != 1)
        {
            throw new DeployOpsException("MigrationBusy", FaultKind.Busy, $"A runner migrates {server.Database} now: {await HolderAsync(connection, server.Database)}.", "Wait until it has ended, then run again.") { Target = server.Database };
        }
    }

    private static async Task<string> HolderAsync(MySqlConnection connection, string database)
    {
        var number = await connection.NumberAsync("SELECT IS_USED_LOCK(@p0)", [NameOf(database)], CancellationToken.None);
        if (number == 0)
        {
            return "it ended this moment";
        }

        var holders = await connection.QueryAsync(
            "SELECT ID, USER, HOST, COMMAND, IFNULL(STATE, '') FROM information_schema.PROCESSLIST WHERE ID = @p0",
            [number],
            row => string.Create(CultureInfo.InvariantCulture, $"connection {number} of {row.Text(1)} from {row.Text(2)} ({(row.Text(4).Length > 0 ? row.Text(4) : row.Text(3))})"),
            CancellationToken.None);

        return holders.Count > 0 ? holders[0] : string.Create(CultureInfo.InvariantCulture, $"connection {number} of another account");
    }
}
