using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>Who reads the binary log of a server: its replicas. An account without PROCESS is shown its own connections alone, so that none is not the same as none to be seen.</summary>
internal static class MariaDbReaders
{
    /// <summary>Why they are not known to an account, and what to do.</summary>
    internal const string Hidden = "who reads the binary log is not shown to this account: grant PROCESS";

    private const string Query = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'";

    /// <summary>Whether the account is shown the connections of others.</summary>
    internal static async Task<bool> AreShownAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await connection.NumberAsync("SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_id = 0", [], cancellationToken);
            return true;
        }
        catch (MySqlException e) when (MariaDbErrors.IsForbidden(e))
        {
            return false;
        }
    }

    /// <summary>Whether there is a log to be read.</summary>
    internal static async Task<bool> HasLogAsync(MySqlConnection connection, CancellationToken cancellationToken) => await connection.NumberAsync("SELECT @@GLOBAL.log_bin", [], cancellationToken) == 1;

    /// <summary>How many there are; null where there may be some and the account is not shown them.</summary>
    internal static async Task<int?> CountAsync(MySqlConnection connection, CancellationToken cancellationToken) =>
        !await HasLogAsync(connection, cancellationToken) ? 0
        : await AreShownAsync(connection, cancellationToken) ? (int)await connection.NumberAsync(Query, [], cancellationToken)
        : null;
}
