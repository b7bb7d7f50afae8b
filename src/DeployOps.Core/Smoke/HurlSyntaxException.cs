namespace DeployOps.Smoke;

/// <summary>A smoke file that cannot be run as it is written. It carries every mistake found in the file.</summary>
public sealed class HurlSyntaxException : DeployOpsException
{
    /// <summary>The id of this fault.</summary>
    public const string Id = "SmokeFileInvalid";

    /// <summary>Makes the error.</summary>
    /// <param name="path">The file.</param>
    /// <param name="errors">Its mistakes, in the order they stand; at least one.</param>
    public HurlSyntaxException(string path, IReadOnlyList<HurlSyntaxError> errors)
        : base(Id, FaultKind.InvalidData, string.Join(Environment.NewLine, errors.Select(error => $"{path}:{error}")))
    {
        Path = path;
        Errors = errors;
        Target = path;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Every mistake found, in the order they stand.</summary>
    public IReadOnlyList<HurlSyntaxError> Errors { get; }

    /// <summary>The line of the first mistake, from 1.</summary>
    public int Line => Errors[0].Line;

    /// <summary>The column of the first mistake, from 1.</summary>
    public int Column => Errors[0].Column;
}
