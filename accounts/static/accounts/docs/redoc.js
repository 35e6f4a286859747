// ReDoc requests the logo of its makers from their site, and has no option against it. With an image that cannot be
// decoded, it leaves the logo out. React sets the address twice: as an attribute and as a property.

(() => {
  const LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg";
  const own = (address) => (address === LOGO ? "data:," : address);
  const image = HTMLImageElement.prototype;
  const { get, set } = Object.getOwnPropertyDescriptor(image, "src");

  image.setAttribute = function (name, value) {
    Element.prototype.setAttribute.call(this, name, own(value));
  };
  Object.defineProperty(image, "src", {
    get,
    set(value) {
      set.call(this, own(value));
    },
  });
})();
