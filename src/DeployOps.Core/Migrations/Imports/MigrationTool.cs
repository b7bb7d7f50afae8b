namespace DeployOps.Migrations.Imports;

/// <summary>Another tool that applied a database's migrations before.</summary>
public enum MigrationTool
{
    /// <summary>Flyway: <c>flyway_schema_history</c>, with a CRC-32 of each script's lines.</summary>
    Flyway,

    /// <summary>DbUp: <c>schemaversions</c>, with names and times alone.</summary>
    DbUp,

    /// <summary>Evolve: <c>changelog</c>, with an MD5 of each script.</summary>
    Evolve,
}
