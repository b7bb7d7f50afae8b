using System.Globalization;
using MySqlConnector;

namespace DeployOps.Adapters.MariaDb;

/// <summary>What a server needs that a plan names for proofs: it must take what the live database is made of, and must be another server than the live database's.</summary>
internal static class MariaDbScratchServer
{
    /// <summary>Refuses one that cannot serve.</summary>
    /// <param name="live">The live database.</param>
    /// <param name="source">A connection to it.</param>
    /// <param name="scratch">The database that the plan names.</param>
    /// <param name="there">A connection to its server.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MySqlException">A server refused.</exception>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>.</exception>
    internal static async Task RequireAsync(MariaDbServer live, MySqlConnection source, MariaDbServer scratch, MySqlConnection there, CancellationToken cancellationToken)
    {
        if (await IsSameAsync(source, there, cancellationToken))
        {
            throw Unusable(scratch, "it is the server of the live database itself", "Name another server, or none: without one the restore is held while replicas are behind.");
        }

        RefuseOther(live, source.Version(), scratch, there.Version());
        if (await there.NumberAsync("SELECT @@GLOBAL.read_only", [], cancellationToken) != 0)
        {
            throw Unusable(scratch, "it is read only, as a replica is", "Name a server that takes databases of its own.");
        }

        const string Letters = "SELECT @@GLOBAL.lower_case_table_names";
        if (await source.NumberAsync(Letters, [], cancellationToken) != await there.NumberAsync(Letters, [], cancellationToken))
        {
            throw Unusable(scratch, $"it keeps names of tables in other letters than {live.Place} (lower_case_table_names)", "Name one that keeps them alike.");
        }

        await RequireThereAsync(
            scratch, "engine", "SELECT DISTINCT ENGINE FROM information_schema.TABLES WHERE TABLE_SCHEMA = @p0 AND ENGINE IS NOT NULL", live.Database, source,
            "SELECT ENGINE FROM information_schema.ENGINES WHERE SUPPORT IN ('YES', 'DEFAULT')", there, "Install them there.", cancellationToken);
        await RequireThereAsync(
            scratch, "collation", "SELECT DISTINCT COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = @p0 AND COLLATION_NAME IS NOT NULL", live.Database, source,
            "SELECT FULL_COLLATION_NAME FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY", there, "Name a server that knows them.", cancellationToken);
    }

    /// <summary>Refuses another series: an older one does not know what a newer one writes, and a newer one writes definitions otherwise, so that nothing would compare equal.</summary>
    /// <exception cref="DeployOpsException"><c>ScratchUnusable</c>.</exception>
    internal static void RefuseOther(MariaDbServer live, Version needed, MariaDbServer scratch, Version has)
    {
        if ((has.Major, has.Minor) != (needed.Major, needed.Minor))
        {
            throw Unusable(
                scratch,
                string.Create(CultureInfo.InvariantCulture, $"it is of version {has.Major}.{has.Minor}, and {live.Place} of version {needed.Major}.{needed.Minor}"),
                string.Create(CultureInfo.InvariantCulture, $"Name one of version {needed.Major}.{needed.Minor}."));
        }
    }

    // By whatever name it is reached: who takes a lock by its name on a server is seen there and nowhere else. Copied files, and with them @@server_uid, tell nothing.
    private static async Task<bool> IsSameAsync(MySqlConnection source, MySqlConnection there, CancellationToken cancellationToken)
    {
        var name = $"deployops_same:{Guid.NewGuid():N}";
        await source.NumberAsync("SELECT GET_LOCK(@p0, 0)", [name], cancellationToken);
        var isFree = await there.NumberAsync("SELECT IS_FREE_LOCK(@p0)", [name], cancellationToken);
        await source.NumberAsync("SELECT RELEASE_LOCK(@p0)", [name], cancellationToken);
        return isFree == 0;
    }

    private static async Task RequireThereAsync(
        MariaDbServer scratch, string noun, string needed, string database, MySqlConnection source, string known, MySqlConnection there, string next, CancellationToken cancellationToken)
    {
        var names = await source.QueryAsync(needed, [database], row => row.Text(0), cancellationToken);
        var missing = names.Except(await there.QueryAsync(known, [], row => row.Text(0), cancellationToken), StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal).ToList();
        if (missing.Count > 0)
        {
            throw Unusable(scratch, $"it lacks the {noun}{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing)}, which the live database uses", next);
        }
    }

    private static DeployOpsException Unusable(MariaDbServer scratch, string why, string next) =>
        new("ScratchUnusable", FaultKind.InvalidOperation, $"No backup can be proven on {scratch.Place}: {why}.", next) { Target = scratch.Place };
}
