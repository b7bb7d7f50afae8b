namespace DeployOps.Smoke.Syntax;

/// <summary>What an assert or a capture looks at.</summary>
internal enum HurlQueryKind
{
    /// <summary>The status code.</summary>
    Status,

    /// <summary>A header: a text, or a list where it came several times.</summary>
    Header,

    /// <summary>The body as text.</summary>
    Body,

    /// <summary>The nodes a JSONPath picks from the body.</summary>
    JsonPath,

    /// <summary>The first group (else the whole) of a regular expression's first match in the body.</summary>
    Regex,

    /// <summary>The time from sending to the whole answer, in whole milliseconds.</summary>
    Duration,

    /// <summary>The value of a cookie that the answer sets.</summary>
    Cookie,

    /// <summary>The address the answer came from, after redirects.</summary>
    Url,
}
