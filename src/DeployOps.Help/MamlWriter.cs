using System.Globalization;
using System.Xml.Linq;

namespace DeployOps.Help;

/// <summary>Writes help in the form that the engine reads: MAML, one item a cmdlet.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Msh = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <summary>What the engine adds to a cmdlet that supports ShouldProcess has no comment of ours.</summary>
    private static readonly Dictionary<string, string> EngineTexts = new(StringComparer.Ordinal)
    {
        ["WhatIf"] = "Shows what would be done, from the same plan, and changes nothing.",
        ["Confirm"] = "Asks before each change. -Confirm:$false never asks.",
    };

    /// <summary>The whole help file.</summary>
    public static XDocument Write(IEnumerable<CommandDoc> commands, DocComments comments) => new(
        new XElement(
            Msh + "helpItems",
            new XAttribute("schema", "maml"),
            commands.Select(command => Item(command, comments))));

    private static XElement Item(CommandDoc command, DocComments comments)
    {
        var comment = comments.Of(command.Type);
        return new XElement(
            Command + "command",
            new XAttribute(XNamespace.Xmlns + "maml", Maml),
            new XAttribute(XNamespace.Xmlns + "command", Command),
            new XAttribute(XNamespace.Xmlns + "dev", Dev),
            new XElement(
                Command + "details",
                new XElement(Command + "name", command.Name),
                Description(DocComments.Paragraphs(comment, "summary")),
                new XElement(Command + "verb", command.Verb),
                new XElement(Command + "noun", command.Noun)),
            Description(DocComments.Paragraphs(comment, "remarks")),
            new XElement(Command + "syntax", command.ParameterSets.Select(set => Syntax(command, set, comments))),
            new XElement(
                Command + "parameters",
                command.Parameters.OrderBy(parameter => parameter.Name, StringComparer.Ordinal)
                    .Select(parameter => Parameter(parameter, AnyUse(parameter), comments, withDetails: true))),
            new XElement(Command + "inputTypes", Inputs(command).Select(type => TypeItem(Command + "inputType", type))),
            new XElement(Command + "returnValues", command.Outputs.Select(type => TypeItem(Command + "returnValue", type))),
            new XElement(Command + "examples", (comment?.Elements("example") ?? []).Select((example, index) => Example(example, index + 1))));
    }

    private static XElement Syntax(CommandDoc command, string set, DocComments comments) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", command.Name),
        command.Parameters
            .Where(parameter => parameter.In(set) is not null)
            .OrderBy(parameter => parameter.In(set)!.Position ?? int.MaxValue)
            .ThenByDescending(parameter => parameter.In(set)!.IsMandatory)
            .Select(parameter => Parameter(parameter, parameter.In(set)!, comments, withDetails: false)));

    private static XElement Parameter(ParameterDoc parameter, ParameterUse use, DocComments comments, bool withDetails)
    {
        var choices = TypeText.Choices(parameter.Type);
        var text = parameter.Property is null ? [EngineTexts[parameter.Name]] : DocComments.Paragraphs(comments.Of(parameter.Property), "summary");
        return new XElement(
            Command + "parameter",
            new XAttribute("required", Lower(use.IsMandatory)),
            new XAttribute("variableLength", Lower(parameter.Type.IsArray)),
            new XAttribute("globbing", Lower(parameter.AcceptsWildcards)),
            new XAttribute("pipelineInput", PipelineInput(use)),
            new XAttribute("position", use.Position?.ToString(CultureInfo.InvariantCulture) ?? "named"),
            new XAttribute("aliases", parameter.Aliases.Count > 0 ? string.Join(", ", parameter.Aliases) : "none"),
            new XElement(Maml + "name", parameter.Name),
            Description(choices.Count > 0 && withDetails ? [.. text, $"One of: {string.Join(", ", choices)}."] : text),
            choices.Count > 0 && !withDetails ? new XElement(Command + "parameterValueGroup", choices.Select(Value)) : null,
            TypeText.IsSwitch(parameter.Type) ? null : Value(TypeText.Short(parameter.Type)),
            new XElement(Dev + "type", new XElement(Maml + "name", TypeText.Short(parameter.Type)), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", parameter.DefaultValue ?? (TypeText.IsSwitch(parameter.Type) ? "False" : "None")));
    }

    private static XElement Value(string text) =>
        new(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), text);

    private static XElement Example(XElement example, int number) => new(
        Command + "example",
        new XElement(Maml + "title", string.Create(CultureInfo.InvariantCulture, $"---------- Example {number} ----------")),
        new XElement(Dev + "code", example.Element("code") is { } code ? DocText.Code(code) : string.Empty),
        new XElement(Dev + "remarks", DocText.Paragraphs(example).Select(Para)));

    private static XElement TypeItem(XName name, Type type) =>
        new(name, new XElement(Dev + "type", new XElement(Maml + "name", TypeText.Full(type))));

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", paragraphs.Select(Para));

    private static XElement Para(string text) => new(Maml + "para", text);

    // Get-Help describes a parameter once: its unnamed set, or else the one that asks most of it.
    private static ParameterUse AnyUse(ParameterDoc parameter) =>
        parameter.Uses.GetValueOrDefault(ParameterUse.EverySet) ?? parameter.Uses.Values.OrderByDescending(use => use.IsMandatory).First();

    private static IEnumerable<Type> Inputs(CommandDoc command) => command.Parameters
        .Where(parameter => parameter.Uses.Values.Any(use => use.ByValue))
        .Select(parameter => parameter.Type)
        .Distinct();

    private static string PipelineInput(ParameterUse use) => (use.ByValue, use.ByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    private static string Lower(bool value) => value ? "true" : "false";
}
