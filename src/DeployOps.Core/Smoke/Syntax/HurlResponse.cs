using System.Collections.Immutable;

namespace DeployOps.Smoke.Syntax;

/// <summary>What an answer must be.</summary>
/// <param name="Status">The status code; null where any is right.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record HurlResponse(int? Status, SourcePosition Position)
{
    /// <summary>Headers that must be there with this value.</summary>
    public ImmutableArray<HurlField> Headers { get; init; } = [];

    /// <summary>What is kept of the answer.</summary>
    public ImmutableArray<HurlCapture> Captures { get; init; } = [];

    /// <summary>What must hold.</summary>
    public ImmutableArray<HurlAssert> Asserts { get; init; } = [];
}
