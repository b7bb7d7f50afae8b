namespace DeployOps.Migrations.Validations;

/// <summary>How an answer is compared with the number that was expected.</summary>
public enum ValidationComparison
{
    /// <summary>The same number; also where the file gives a number alone.</summary>
    Equal,

    /// <summary>Any other number.</summary>
    NotEqual,

    /// <summary>Smaller.</summary>
    Less,

    /// <summary>Up to and including.</summary>
    LessOrEqual,

    /// <summary>Greater.</summary>
    Greater,

    /// <summary>From and including.</summary>
    GreaterOrEqual,
}
