using System.Globalization;
using DeployOps.Backups;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>
/// What keeps a database from being exchanged though nobody is in it: transactions that were prepared (<c>PREPARE TRANSACTION</c>) belong to no session that could be disconnected, and once the
/// database is closed, nobody can end them.
/// </summary>
internal static class PostgreSqlHindrance
{
    private const int Named = 5;

    /// <summary>Within which a transaction manager ends what it has prepared.</summary>
    internal static readonly TimeSpan Moments = TimeSpan.FromSeconds(5);

    /// <summary>Finds it.</summary>
    /// <param name="connection">A connection to the server.</param>
    /// <param name="database">The database; it need not be there.</param>
    /// <param name="age">For how long a transaction has been prepared at least.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Null where there is none.</returns>
    /// <exception cref="NpgsqlException">The server refused.</exception>
    internal static async Task<RestoreHindrance?> FindAsync(NpgsqlConnection connection, string database, TimeSpan age, CancellationToken cancellationToken)
    {
        var prepared = await connection.QueryAsync(
            "SELECT quote_literal(gid), owner::text, to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM pg_prepared_xacts WHERE database = $1 AND prepared <= now() - make_interval(secs => $2) ORDER BY prepared, gid",
            [database, age.TotalSeconds],
            row => $"{row.GetString(0)} of {row.GetString(1)} since {row.GetString(2)} UTC",
            cancellationToken);
        var more = prepared.Count > Named ? string.Create(CultureInfo.InvariantCulture, $" and {prepared.Count - Named} more") : "";
        return prepared.Count == 0 ? null : new RestoreHindrance(
            $"transactions that were prepared in it are open, and keep it from being exchanged: {string.Join(", ", prepared.Take(Named))}{more}",
            "End each, connected to it, by COMMIT PREPARED or ROLLBACK PREPARED with its name; pg_prepared_xacts has them all.")
        { MayPass = true };
    }

    /// <summary>The refusal of a restore.</summary>
    internal static DeployOpsException Refusal(PostgreSqlServer live, RestoreHindrance hindrance) => new(
        "RestoreFailed", FaultKind.InvalidOperation, $"{live.Place} is not replaced by its backup: {hindrance.Why}. It is as it was before.", hindrance.Next)
    { Target = live.Database, IsAsBefore = true };
}
