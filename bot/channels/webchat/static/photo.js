// A photo is chosen first and sent with Send, so that it can be taken away again.
const MOST_BYTES = 20 * 1024 * 1024;

export function attachPhoto(byId, sentences, trouble) {
  const input = byId("file");
  const show = (isReady) => {
    byId("photo-ready").hidden = !isReady;
    byId("attach").hidden = isReady;
  };
  const photo = {
    file: null,
    preview: "",
    // Gives back the address of the preview, which the sent line goes on showing.
    takeAway() {
      const { preview } = photo;
      Object.assign(photo, { file: null, preview: "" });
      input.value = "";
      show(false);
      return preview;
    },
  };
  input.accept = "image/jpeg,image/png,image/webp,image/gif";
  byId("photo").hidden = false;
  byId("photo").addEventListener("click", () => input.click());
  byId("photo-away").addEventListener("click", () => {
    URL.revokeObjectURL(photo.takeAway());
    byId("photo").focus();
  });
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (!file) return;
    if (file.size > MOST_BYTES) {
      input.value = "";
      trouble(sentences.too_big);
      return;
    }
    trouble("");
    Object.assign(photo, { file, preview: URL.createObjectURL(file) });
    byId("photo-preview").src = photo.preview;
    show(true);
    byId("words").focus();
  });
  return photo;
}
