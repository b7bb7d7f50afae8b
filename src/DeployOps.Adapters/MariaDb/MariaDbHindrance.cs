using DeployOps.Backups;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What an exchange of a database's tables would break beyond the database, or take away for good: it is refused before anything is touched.</summary>
internal static class MariaDbHindrance
{
    private const int Named = 5;

    /// <summary>Finds it.</summary>
    /// <param name="connection">A connection to the server.</param>
    /// <param name="live">The database; it need not be there.</param>
    /// <param name="tries">Whether rights that are there are given once more, to see that they can be given back: that changes nothing but who is told to have given them.</param>
    /// <param name="replicas">How many replicas count; null where the plan does not say.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="MySqlException">The server refused.</exception>
    internal static async Task<RestoreHindrance?> FindAsync(MySqlConnection connection, MariaDbServer live, bool tries, int? replicas, CancellationToken cancellationToken) =>
        await OfKeysAsync(connection, live.Database, cancellationToken)
        ?? await OfRightsAsync(connection, live.Database, tries, cancellationToken)
        ?? await MariaDbReplicationHindrance.OfSourcesAsync(connection, live.Database, cancellationToken)
        ?? await MariaDbReplicationHindrance.OfReplicasAsync(connection, live, replicas, cancellationToken);

    /// <summary>The refusal of a restore.</summary>
    internal static DeployOpsException Refusal(MariaDbServer live, RestoreHindrance hindrance) => new(
        "RestoreFailed", FaultKind.InvalidOperation, $"{live.Place} is not replaced by its backup: {hindrance.Why}. {MariaDbSwap.AsBefore}", hindrance.Next)
    { Target = live.Database, IsAsBefore = true };

    private static async Task<RestoreHindrance?> OfKeysAsync(MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        IReadOnlyList<MariaDbIncomingKey> keys;
        try
        {
            keys = await MariaDbIncomingKey.AllAsync(connection, database, cancellationToken);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return new RestoreHindrance("whether foreign keys of other databases lead into it is not shown to this account, and they would lead to what is replaced", "Grant the account PROCESS.");
        }

        return keys.Count == 0 ? null : new RestoreHindrance(
            $"foreign keys of other databases lead into it, and would lead to what is replaced: {Some(keys)}",
            $"Drop them first, and make them again when it is restored: {string.Join("; ", keys.Select(key => key.Drop))}.");
    }

    private static async Task<RestoreHindrance?> OfRightsAsync(MySqlConnection connection, string database, bool tries, CancellationToken cancellationToken)
    {
        if (await connection.NumberAsync("SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = @p0", [database], cancellationToken) == 0)
        {
            return null;
        }

        IReadOnlyList<MariaDbRoutineRight> rights;
        try
        {
            rights = await MariaDbRoutineRight.AllAsync(connection, database, cancellationToken);
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return new RestoreHindrance("who may call its routines is not shown to this account, and would not be known any more once they are dropped to be made again", "Grant the account SELECT ON mysql.procs_priv.");
        }

        var names = rights.Select(right => $"{right.Kind.ToLowerInvariant()} {right.Routine}").Distinct(StringComparer.Ordinal).ToList();
        try
        {
            foreach (var right in tries ? rights : [])
            {
                await right.GiveAsync(connection);
            }

            return null;
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return new RestoreHindrance(
                $"rights on its routines go when these are dropped, and this account may not give them back: {Some(names)} ({MariaDbErrors.Words(e)})",
                "Grant the account EXECUTE and ALTER ROUTINE on the database WITH GRANT OPTION.");
        }
    }

    private static string Some<T>(IReadOnlyList<T> all) =>
        string.Join(", ", all.Take(Named)) + (all.Count > Named ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $" and {all.Count - Named} more") : "");
}
