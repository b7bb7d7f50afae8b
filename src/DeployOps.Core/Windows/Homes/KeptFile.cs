namespace DeployOps.Windows.Homes;

/// <summary>An approved file whose bytes are kept in the window's folder under their hash, so that going back needs nothing else.</summary>
/// <param name="Path">Relative to the plan, with <c>/</c>.</param>
/// <param name="Sha256">Of its bytes; 64 hexadecimal digits.</param>
internal sealed record KeptFile(string Path, string Sha256);
