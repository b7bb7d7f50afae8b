namespace DeployOps.Incidents;

/// <summary>Where open incidents are told of: a release never goes on during one.</summary>
public sealed record IncidentSpec
{
    /// <summary>How they are asked for: one of <see cref="KnownKinds.Incidents"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>File: the full path of the freeze file, which is there only during a freeze; null for the other kinds.</summary>
    public string? Path { get; init; }

    /// <summary>GitHub: the repository as <c>owner/name</c>; null for the other kinds.</summary>
    public string? Repository { get; init; }

    /// <summary>GitHub: the label that marks an issue as an incident. Default <c>incident</c>.</summary>
    public string Label { get; init; } = "incident";

    /// <summary>GitHub: the token it is asked with; null asks as nobody, which sees public repositories only, 60 times an hour.</summary>
    public string? Token { get; init; }

    /// <summary>GitHub: the server's address. Default <c>https://api.github.com/</c>; another is taken for an Enterprise server, whose API is below <c>/api/v3/</c>.</summary>
    public Uri Uri { get; init; } = new("https://api.github.com/");

    /// <summary>The source in a few words, as gates and errors name it.</summary>
    public string Name => Kind == "File" ? System.IO.Path.GetFileName(Path)! : $"{Repository} ({Label})";
}
