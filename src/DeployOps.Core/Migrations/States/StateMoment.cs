namespace DeployOps.Migrations.States;

/// <summary>When a database is looked at.</summary>
public enum StateMoment
{
    /// <summary>Before the first script of the migration.</summary>
    Before,

    /// <summary>After the last one.</summary>
    After,
}
