namespace DeployOps.Smoke.JsonPaths;

/// <summary>How a filter compares two values (RFC 9535, 2.3.5.2.2).</summary>
internal enum JsonPathComparison
{
    /// <summary>Both are absent, or both are there and deeply equal.</summary>
    Equal,

    /// <summary>Not <see cref="Equal"/>.</summary>
    NotEqual,

    /// <summary>Two numbers or two texts, the left one first in order.</summary>
    Less,

    /// <summary><see cref="Less"/> or <see cref="Equal"/>.</summary>
    LessOrEqual,

    /// <summary>Two numbers or two texts, the right one first in order.</summary>
    Greater,

    /// <summary><see cref="Greater"/> or <see cref="Equal"/>.</summary>
    GreaterOrEqual,
}
