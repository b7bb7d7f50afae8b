namespace DeployOps.Smoke.Syntax;

/// <summary>What is done to a queried value before it is compared or captured.</summary>
internal enum HurlFilterKind
{
    /// <summary>The number of elements.</summary>
    Count,

    /// <summary>One element of a list, from 0; negative from the end.</summary>
    Nth,

    /// <summary>The first group (else the whole) of a regular expression's first match.</summary>
    Regex,

    /// <summary>A text turned into a whole number.</summary>
    ToInt,
}
