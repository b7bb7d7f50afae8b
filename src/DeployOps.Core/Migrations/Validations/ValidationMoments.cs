namespace DeployOps.Migrations.Validations;

/// <summary>When a query is asked and judged.</summary>
[Flags]
public enum ValidationMoments
{
    /// <summary>Never; no query has it.</summary>
    None = 0,

    /// <summary>Before the first script: where it does not pass then, no script is begun.</summary>
    Before = 1,

    /// <summary>After the last script.</summary>
    After = 2,
}
