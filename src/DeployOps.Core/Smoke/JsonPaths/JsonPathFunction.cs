namespace DeployOps.Smoke.JsonPaths;

/// <summary>The function extensions of RFC 9535, 2.4.</summary>
internal enum JsonPathFunction
{
    /// <summary>The number of characters of a text, elements of an array or members of an object.</summary>
    Length,

    /// <summary>The number of nodes of a path.</summary>
    Count,

    /// <summary>The one node of a path; absent where there are none or several.</summary>
    Value,

    /// <summary>A whole text matches a pattern.</summary>
    Match,

    /// <summary>A part of a text matches a pattern.</summary>
    Search,
}
