namespace DeployOps.Smoke.Syntax;

/// <summary>What the lines of a smoke file belong to.</summary>
internal enum HurlPlace
{
    /// <summary>Before the first request.</summary>
    Start,

    /// <summary>A request's headers.</summary>
    Request,

    /// <summary><c>[Query]</c></summary>
    Query,

    /// <summary><c>[Form]</c></summary>
    Form,

    /// <summary><c>[Cookies]</c></summary>
    Cookies,

    /// <summary><c>[BasicAuth]</c></summary>
    BasicAuth,

    /// <summary><c>[Options]</c></summary>
    Options,

    /// <summary>After a request's body.</summary>
    Body,

    /// <summary>An answer's headers.</summary>
    Response,

    /// <summary><c>[Captures]</c></summary>
    Captures,

    /// <summary><c>[Asserts]</c></summary>
    Asserts,

    /// <summary>Something wrong that has been told: left out.</summary>
    Unknown,
}
