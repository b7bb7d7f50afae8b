using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>
/// The connection that runs a script, as the server knows it. After a restart, or behind a name that leads to another server now, its number may be another client's: it is
/// known by the server, by when that was started, and by the account and the port it comes from.
/// </summary>
/// <param name="Number">Its number.</param>
/// <param name="Identity">The server, and whose the connection is.</param>
/// <param name="Started">When the server was started, in seconds since 1970 by its clock.</param>
internal sealed record MariaDbRunnerConnection(long Number, string Identity, double Started)
{
    // Both are whole seconds, and taken one after the other.
    private const double StartSlack = 2;

    private const string Query =
        """
        SELECT CONCAT_WS('/', @@hostname, @@port, @@server_id, USER, HOST), UNIX_TIMESTAMP() - (SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME')
        FROM information_schema.PROCESSLIST WHERE ID = @p0
        """;

    /// <summary>Looks at it by another connection; null where the server knows none of this number.</summary>
    internal static async Task<MariaDbRunnerConnection?> FindAsync(MySqlConnection other, long number)
    {
        var found = await other.QueryAsync(Query, [number], row => new MariaDbRunnerConnection(number, row.Text(0), row.Number(1)), CancellationToken.None);
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Ends what runs on it, or it itself.</summary>
    /// <param name="other">Another connection to the server.</param>
    /// <param name="act"><c>KILL QUERY</c> or <c>KILL CONNECTION</c>.</param>
    /// <returns>Whether the server still has it; nothing was ended where not.</returns>
    internal async Task<bool> EndAsync(MySqlConnection other, string act)
    {
        if (await FindAsync(other, Number) is not { } now || now.Identity != Identity || Math.Abs(now.Started - Started) > StartSlack)
        {
            return false;
        }

        try
        {
            await other.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"{act} {Number}"), [], CancellationToken.None);
            return true;
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.NoSuchThread)
        {
            return false;
        }
    }
}
