namespace DeployOps.Smoke.Syntax;

/// <summary>How an assert judges a value.</summary>
internal enum HurlPredicateKind
{
    /// <summary><c>==</c>: same type and value.</summary>
    Equal,

    /// <summary><c>!=</c>: there, and not the same.</summary>
    NotEqual,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary>A text has this part, a list this element.</summary>
    Contains,

    /// <summary>A text starts with this.</summary>
    StartsWith,

    /// <summary>A text ends with this.</summary>
    EndsWith,

    /// <summary>A part of a text matches a regular expression.</summary>
    Matches,

    /// <summary>It is there, be it null.</summary>
    Exists,

    /// <summary>A text, a list or an object has nothing in it.</summary>
    IsEmpty,
}
