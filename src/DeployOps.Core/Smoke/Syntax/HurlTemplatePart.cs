namespace DeployOps.Smoke.Syntax;

/// <summary>A piece of a template: text as it stands, or a variable.</summary>
/// <param name="Text">The text, or the variable's name.</param>
/// <param name="IsVariable">It is a variable.</param>
/// <param name="InJsonText">The variable stands between a JSON text's quotes and is escaped for there.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record HurlTemplatePart(string Text, bool IsVariable, bool InJsonText, SourcePosition Position);
