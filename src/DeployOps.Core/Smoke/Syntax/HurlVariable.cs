using DeployOps.Smoke.Running;

namespace DeployOps.Smoke.Syntax;

/// <summary>A variable set by a file itself, for this request and the ones after it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Literal">Its value, where that is a number, true, false or null.</param>
/// <param name="Text">Its value, where that is a text.</param>
internal sealed record HurlVariable(string Name, SmokeValue? Literal, HurlTemplate? Text);
