using System.Globalization;
using Npgsql;

namespace DeployOps.Adapters.PostgreSql;

/// <summary>What a server needs that a plan names for proofs: it must take what the live database is made of, and must not be the live database.</summary>
internal static class PostgreSqlScratchServer
{
    // In no words that a session's time zone or style changes. A server that was copied has the other's identifier, but was not started at the same microsecond.
    private const string Identity = "SELECT extract(epoch FROM pg_postmaster_start_time())::text || ' ' || (SELECT system_identifier FROM pg_control_system())";

    // Who owns something, has a right to it or is named by a policy. What the first account of the cluster has is not written down.
    private const string Roles = """
        SELECT DISTINCT r.rolname::text FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
        WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        UNION SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid >= 16384
        UNION SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE oid >= 16384
        UNION SELECT pg_get_userbyid(proowner)::text FROM pg_proc WHERE oid >= 16384
        """;

    /// <summary>Refuses one that cannot serve.</summary>
    /// <param name="live">The live database.</param>
    /// <param name="source">A connection to it.</param>
    /// <param name="scratch">The database that the plan names.</param>
    /// <param name="there">A connection to it.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>Whether it is another server than the live database's.</returns>
    /// <exception cref="NpgsqlException">A server refused.</exception>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>.</exception>
    internal static async Task<bool> RequireAsync(PostgreSqlServer live, NpgsqlConnection source, PostgreSqlServer scratch, NpgsqlConnection there, CancellationToken cancellationToken)
    {
        var isElsewhere = await source.ScalarAsync<string>(Identity, [], cancellationToken) != await there.ScalarAsync<string>(Identity, [], cancellationToken);
        if (!isElsewhere && scratch.Database == live.Database)
        {
            throw Unusable(scratch, "it is the live database itself", "Name another server.");
        }

        if (await there.ScalarAsync<bool>("SELECT pg_is_in_recovery()", [], cancellationToken))
        {
            throw Unusable(scratch, "it is a replica, which takes no database of its own", "Name a server that is none.");
        }

        RefuseOther(live, source.PostgreSqlVersion.Major, scratch, there.PostgreSqlVersion.Major);
        await RequireThereAsync(scratch, "role", Roles, source, "SELECT rolname::text FROM pg_roles", there, "Create them there; they need no right and no password.", cancellationToken);
        await RequireThereAsync(scratch, "extension", "SELECT extname::text FROM pg_extension", source, "SELECT name::text FROM pg_available_extensions", there, "Install them there.", cancellationToken);
        return isElsewhere;
    }

    /// <summary>Refuses another version: an older one does not know what a newer one writes, and a newer one writes rights and definitions otherwise, so that nothing would compare equal.</summary>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>.</exception>
    internal static void RefuseOther(PostgreSqlServer live, int needed, PostgreSqlServer scratch, int has)
    {
        if (has != needed)
        {
            throw Unusable(
                scratch,
                string.Create(CultureInfo.InvariantCulture, $"it is of version {has}, and {live.Place} of version {needed}"),
                string.Create(CultureInfo.InvariantCulture, $"Name one of version {needed}."));
        }
    }

    private static async Task RequireThereAsync(PostgreSqlServer scratch, string noun, string needed, NpgsqlConnection source, string known, NpgsqlConnection there, string next, CancellationToken cancellationToken)
    {
        var names = await source.QueryAsync(needed, [], row => row.GetString(0), cancellationToken);
        var missing = names.Except(await there.QueryAsync(known, [], row => row.GetString(0), cancellationToken), StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw Unusable(scratch, $"it lacks the {noun}{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing)}, which the live database uses", next);
        }
    }

    private static DeployOpsException Unusable(PostgreSqlServer scratch, string why, string next) =>
        new("ScratchUnusable", FaultKind.InvalidOperation, $"No backup can be proven on {scratch.Place}: {why}.", next) { Target = scratch.Place };
}
