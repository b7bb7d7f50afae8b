namespace DeployOps.Health;

/// <summary>What one GET came to: a status with its body, or why there was none.</summary>
public sealed record HttpAnswer
{
    /// <summary>The HTTP status; null where no whole answer came.</summary>
    public int? Status { get; init; }

    /// <summary>The body as far as it was read.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body was longer than allowed, so <see cref="Body"/> is only its beginning.</summary>
    public bool IsCut { get; init; }

    /// <summary>Why no whole answer came, such as <c>connection refused</c>; null where one came.</summary>
    public string? Error { get; init; }

    /// <summary>The connection was refused: the machine is there and nobody listens at the address.</summary>
    public bool IsRefused { get; init; }

    /// <summary>200 and nothing else: a redirect is somebody else's answer.</summary>
    public bool IsOk => Status == 200;

    /// <summary>The answer in words: <c>200</c>, <c>status 503</c>, or the error.</summary>
    public string Words => Error ?? (IsOk ? "200" : $"status {Status}");
}
