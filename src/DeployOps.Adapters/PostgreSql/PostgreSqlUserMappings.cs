using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>How accounts log in to foreign servers.</summary>
internal static class PostgreSqlUserMappings
{
    // By the rule that the view itself shows them by (system_views.sql, pg_user_mappings).
    private const string Hidden =
        """
        SELECT format('%s on %s', usename, m.srvname) FROM pg_catalog.pg_user_mappings m JOIN pg_catalog.pg_foreign_server s ON s.oid = m.srvid
        WHERE NOT ((m.umuser <> 0 AND m.usename = current_user AND (pg_has_role(s.srvowner, 'USAGE') OR has_server_privilege(s.oid, 'USAGE')))
          OR (m.umuser = 0 AND pg_has_role(s.srvowner, 'USAGE')) OR (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)) ORDER BY 1
        """;

    /// <summary>Those whose options the account may not see, so that its dumps hold none of them; empty where there are none.</summary>
    internal static Task<List<string>> HiddenAsync(NpgsqlConnection connection, CancellationToken cancellationToken) => connection.QueryAsync(Hidden, [], row => row.GetString(0), cancellationToken);
}
