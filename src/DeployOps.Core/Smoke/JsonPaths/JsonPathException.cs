namespace DeployOps.Smoke.JsonPaths;

/// <summary>A JSONPath that cannot be read, or whose answer would be larger than allowed.</summary>
/// <param name="message">What was found and what was expected.</param>
/// <param name="offset">Where, counted in characters from the start of the path, from 0.</param>
internal sealed class JsonPathException(string message, int offset) : Exception(message)
{
    /// <summary>Where, counted in characters from the start of the path, from 0.</summary>
    public int Offset { get; } = offset;
}
