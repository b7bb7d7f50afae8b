namespace DeployOps;

/// <summary>The kinds this version can open. A plan that names another is refused when it is tested.</summary>
public static class KnownKinds
{
    /// <summary>Of databases.</summary>
    public static IReadOnlyList<string> Databases { get; } = ["Sqlite", "PostgreSql", "MariaDb"];

    /// <summary>Of routers.</summary>
    public static IReadOnlyList<string> Routers { get; } = ["Yarp"];

    /// <summary>Of metric sources.</summary>
    public static IReadOnlyList<string> Metrics { get; } = ["Scrape", "Sql"];

    /// <summary>Of channels of notices.</summary>
    public static IReadOnlyList<string> Notices { get; } = ["Webhook", "Mail", "GitHub"];

    /// <summary>Of sources of incidents.</summary>
    public static IReadOnlyList<string> Incidents { get; } = ["File", "GitHub"];
}
