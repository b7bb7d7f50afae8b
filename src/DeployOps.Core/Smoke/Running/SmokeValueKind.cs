namespace DeployOps.Smoke.Running;

/// <summary>What sort of value a query, a capture or a variable holds.</summary>
internal enum SmokeValueKind
{
    /// <summary>There is none: no such header, cookie or JSON node.</summary>
    Missing,

    /// <summary>JSON's null.</summary>
    Null,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A text.</summary>
    Text,

    /// <summary>Several values.</summary>
    List,

    /// <summary>A JSON object.</summary>
    Object,
}
