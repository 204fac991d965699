using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Rcomm.Transport.Connections;

/// <summary>The features of a connection. There are few, so a linear search is faster than a dictionary, and takes less memory.</summary>
/// <param name="owner">The object that implements most of them.</param>
/// <param name="implemented">Those that it implements.</param>
internal sealed class ConnectionFeatures(object owner, Type[] implemented) : IFeatureCollection
{
    // Features that were added, or that replace one of the owner's; null hides it.
    private KeyValuePair<Type, object?>[] _added = new KeyValuePair<Type, object?>[8];
    private int _count;

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            int index = IndexOf(key);
            return index >= 0 ? _added[index].Value : IsImplemented(key) ? owner : null;
        }
        set
        {
            Revision++;
            int index = IndexOf(key);
            if (index < 0) index = _count++;
            if (index == _added.Length) Array.Resize(ref _added, _count * 2);
            _added[index] = new(key, value);
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator()
    {
        foreach ((Type key, object? value) in _added.Take(_count))
            if (value is not null) yield return new(key, value);
        foreach (Type key in implemented)
            if (IndexOf(key) < 0) yield return new(key, owner);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // Each type has one object, and comparing references costs less than Type's operator.
    private int IndexOf(Type key)
    {
        for (int i = 0; i < _count; i++)
            if (ReferenceEquals(_added[i].Key, key)) return i;
        return -1;
    }

    private bool IsImplemented(Type key)
    {
        foreach (Type one in implemented)
            if (ReferenceEquals(one, key)) return true;
        return false;
    }
}
