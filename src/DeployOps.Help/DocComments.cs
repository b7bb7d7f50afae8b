using System.Reflection;
using System.Xml.Linq;

namespace DeployOps.Help;

/// <summary>The compiler's file of doc comments, by what they stand on.</summary>
internal sealed class DocComments
{
    private readonly Dictionary<string, XElement> _members;

    /// <param name="file">The compiler's XML file, its white space kept: the code of an example needs it.</param>
    public DocComments(XDocument file)
    {
        _members = file.Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);
    }

    /// <summary>A class's comment; null where it has none.</summary>
    public XElement? Of(Type type) => _members.GetValueOrDefault("T:" + NameOf(type));

    /// <summary>A property's comment, from the class that declares it; an <c>inheritdoc</c> leads to what it overrides.</summary>
    public XElement? Of(PropertyInfo property)
    {
        for (var type = property.DeclaringType; type is not null; type = type.BaseType)
        {
            var comment = _members.GetValueOrDefault($"P:{NameOf(type)}.{property.Name}");
            if (comment is not null && comment.Element("inheritdoc") is null)
            {
                return comment;
            }
        }

        return null;
    }

    /// <summary>The paragraphs of one part of a comment; empty where that part is missing or says nothing.</summary>
    public static IReadOnlyList<string> Paragraphs(XElement? comment, string part) =>
        comment?.Element(part) is { } element ? DocText.Paragraphs(element) : [];

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');
}
