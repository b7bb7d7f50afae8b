namespace DeployOps.Migrations.Lint;

/// <summary>How it is taken away.</summary>
public enum LossManner
{
    /// <summary>It is dropped.</summary>
    Dropped,

    /// <summary>A column gets another type.</summary>
    Altered,

    /// <summary>It gets another name, on a server on which what uses it does not follow.</summary>
    Renamed,
}
