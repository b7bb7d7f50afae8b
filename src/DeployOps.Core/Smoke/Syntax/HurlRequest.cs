using System.Collections.Immutable;

namespace DeployOps.Smoke.Syntax;

/// <summary>What is sent.</summary>
internal sealed record HurlRequest(string Method, HurlTemplate Url, SourcePosition Position)
{
    /// <summary>The headers, in order; a name may come several times.</summary>
    public ImmutableArray<HurlField> Headers { get; init; } = [];

    /// <summary>The parameters added to the address.</summary>
    public ImmutableArray<HurlField> Query { get; init; } = [];

    /// <summary>The fields of a form.</summary>
    public ImmutableArray<HurlField> Form { get; init; } = [];

    /// <summary>Cookies sent with this request only, beside those the file has been given.</summary>
    public ImmutableArray<HurlField> Cookies { get; init; } = [];

    /// <summary>The user and the password.</summary>
    public HurlField? BasicAuth { get; init; }

    /// <summary>The body, where there is one.</summary>
    public HurlBody? Body { get; init; }

    /// <summary>How it is sent.</summary>
    public HurlOptions Options { get; init; } = new();

    /// <summary>The texts it is made of.</summary>
    public IEnumerable<HurlTemplate> Templates =>
    [
        Url,
        .. Headers.Concat(Query).Concat(Form).Concat(Cookies).Concat(BasicAuth is null ? [] : [BasicAuth]).SelectMany(static part => part.Templates),
        .. Body is null ? Array.Empty<HurlTemplate>() : [Body.Content],
    ];
}
